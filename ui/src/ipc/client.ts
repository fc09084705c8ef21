import { Channel, invoke } from "@tauri-apps/api/core";
import type { ProgressDto } from "./bindings.gen";
import type { CommandName, Commands, Ipc } from "./commands";
import { IpcError } from "./errors";

/** The real way: the one command of the shell. */
export const tauri: Ipc = {
  async call<N extends CommandName>(
    name: N,
    payload: Commands[N]["in"],
    onProgress?: (progress: ProgressDto) => void,
  ): Promise<Commands[N]["out"]> {
    const channel = new Channel<ProgressDto>(onProgress);
    try {
      return await invoke<Commands[N]["out"]>("call", { name, payload, channel });
    } catch (thrown) {
      throw IpcError.from(thrown);
    }
  },
};
