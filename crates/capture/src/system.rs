//! The system's own devices, through cpal.

use crate::{Device, Input, Output, Sound, SoundError, input::Microphone, output::Loudspeaker};
use cpal::{
    ErrorKind,
    traits::{DeviceTrait, HostTrait},
};

/// The devices of this workstation.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemSound;

impl Sound for SystemSound {
    fn inputs(&self) -> Result<Vec<Device>, SoundError> {
        let host = cpal::default_host();
        let preferred = host.default_input_device();
        let preferred_id = preferred.as_ref().and_then(id_of);
        let mut found: Vec<Device> = Vec::new();
        if let Some(device) = preferred.as_ref().and_then(|d| described(d, true)) {
            found.push(device);
        }
        for device in host.input_devices().map_err(|e| fault(&e))? {
            let Some(id) = id_of(&device) else { continue };
            if Some(&id) == preferred_id.as_ref() || found.iter().any(|f| f.id == id) {
                continue;
            }
            found.extend(described(&device, false));
        }
        Ok(found)
    }

    fn open_input(&self, id: Option<&str>) -> Result<Box<dyn Input>, SoundError> {
        let host = cpal::default_host();
        let device = match id {
            Some(id) => id.parse().ok().and_then(|id| host.device_by_id(&id)),
            None => host.default_input_device(),
        };
        let device = device.ok_or(SoundError::NoDevice("microphone"))?;
        let described = described(&device, id.is_none()).ok_or(SoundError::NoDevice("microphone"))?;
        Microphone::open(&device, described)
    }

    fn open_output(&self) -> Result<Box<dyn Output>, SoundError> {
        let device = cpal::default_host().default_output_device().ok_or(SoundError::NoDevice("loudspeaker"))?;
        Loudspeaker::open(&device)
    }
}

fn id_of(device: &cpal::Device) -> Option<String> {
    device.id().ok().map(|id| id.to_string())
}

fn described(device: &cpal::Device, default: bool) -> Option<Device> {
    let id = id_of(device)?;
    let name = device.description().map_or_else(|_| id.clone(), |d| d.name().to_owned());
    Some(Device { id, name, default })
}

pub(crate) fn fault(e: &cpal::Error) -> SoundError {
    match e.kind() {
        ErrorKind::DeviceBusy | ErrorKind::ResourceExhausted => SoundError::Busy,
        ErrorKind::PermissionDenied => SoundError::Forbidden,
        ErrorKind::UnsupportedConfig | ErrorKind::UnsupportedOperation | ErrorKind::InvalidInput => SoundError::Format,
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => SoundError::NoDevice("such device"),
        _ => SoundError::Lost,
    }
}
