#!/usr/bin/env bash
# A microphone without hardware: a private PulseAudio with a silent loudspeaker whose sound is the default microphone.
#
#   tests/microphone.sh start DIR        starts it; prints the variables that programs need, for `eval`
#   tests/microphone.sh play DIR FILE    plays a sound file into it, to the end
#   tests/microphone.sh stop DIR
#
# Needs pulseaudio, pulseaudio-utils and libasound2-plugins. Touches nothing outside DIR, and no other sound server.
set -euo pipefail

command=$1
dir=$(mkdir -p "$2" && cd "$2" && pwd)
export HOME=$dir XDG_RUNTIME_DIR=$dir/run PULSE_RUNTIME_PATH=$dir/run/pulse PULSE_STATE_PATH=$dir/state
export PULSE_SERVER=unix:$dir/run/native ALSA_CONFIG_PATH=$dir/asound.conf
unset DBUS_SESSION_BUS_ADDRESS DISPLAY || true

case $command in
  start)
    mkdir -p -m 700 "$XDG_RUNTIME_DIR" "$PULSE_RUNTIME_PATH" "$PULSE_STATE_PATH"
    cat >"$dir/pulse.pa" <<PA
load-module module-native-protocol-unix auth-anonymous=1 socket=$dir/run/native
load-module module-null-sink sink_name=speaker rate=48000 channels=2 format=s16le
load-module module-remap-source master=speaker.monitor source_name=mic source_properties=device.description=TestMicrophone
set-default-sink speaker
set-default-source mic
PA
    cat >"$dir/asound.conf" <<ALSA
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse server "$PULSE_SERVER" hint { show on description "Test microphone" } }
ctl.!default { type pulse server "$PULSE_SERVER" }
ALSA
    pulseaudio -n -F "$dir/pulse.pa" --daemonize=no --use-pid-file=no --exit-idle-time=-1 --disallow-exit \
      >"$dir/pulse.log" 2>&1 &
    echo $! >"$dir/pulse.pid"
    for _ in $(seq 100); do
      pactl info >/dev/null 2>&1 && break
      sleep 0.1
    done
    pactl info >/dev/null
    echo "export PULSE_SERVER='$PULSE_SERVER' ALSA_CONFIG_PATH='$ALSA_CONFIG_PATH'"
    ;;
  play) paplay --device=speaker "$3" ;;
  stop)
    pid=$(cat "$dir/pulse.pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 50); do
      kill -0 "$pid" 2>/dev/null || exit 0
      sleep 0.1
    done
    kill -9 "$pid"
    ;;
  *)
    echo "usage: $0 start|play|stop DIR [FILE]" >&2
    exit 2
    ;;
esac
