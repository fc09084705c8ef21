import type { CataloguedModelDto, ImportedModelDto, ModelTriedDto } from "./bindings.gen";
import { IpcError } from "./errors";

const GIB = 1024 ** 3;
const sha = (name: string): string =>
  [...name].map((c) => c.charCodeAt(0).toString(16)).join("").repeat(8).slice(0, 64);

const model = (name: string, task: string, over: Partial<CataloguedModelDto["model"]> = {}, more: Partial<CataloguedModelDto> = {}): CataloguedModelDto => ({
  model: {
    name,
    task,
    file: `${name}.${task === "speech" ? "bin" : "gguf"}`,
    licence: task === "speech" ? "MIT" : "Apache-2.0",
    bytes: task === "speech" ? 81_768_585 : 1_117_320_768,
    sha256: sha(name),
    state: "present",
    default: false,
    ...over,
  },
  ram_bytes: task === "speech" ? 250_000_000 : 1_900_000_000,
  memory_bytes: 8 * GIB,
  fits: true,
  listed: false,
  runs: 0,
  unfinished: 0,
  ...more,
});

/** Models: what there is, and what is done with them. */
export function fakeModels(chooserCancelled: boolean) {
  let models = [
    model("whisper-base", "speech", { default: true }),
    model("whisper-tiny.en", "speech"),
    model("qwen2.5-coder-1.5b", "language", { default: true }, { runs: 12 }),
    model("qwen2.5-coder-0.5b", "language", { state: "missing" }),
    model("ward-notes-14b", "language", {}, { listed: true, fits: false, ram_bytes: 12 * GIB, runs: 1 }),
  ];
  const named = (name: string): CataloguedModelDto => {
    const found = models.find((m) => m.model.name === name);
    if (found === undefined) throw new IpcError("model_missing");
    return found;
  };
  const change = (name: string, over: (m: CataloguedModelDto) => CataloguedModelDto) => {
    models = models.map((m) => (m.model.name === name ? over(m) : m));
  };
  const came = (m: CataloguedModelDto, known: boolean): ImportedModelDto => ({
    ...m.model,
    known,
    state: "present",
    ram_bytes: m.ram_bytes,
    memory_bytes: m.memory_bytes,
    memory_free: 4 * GIB,
    fits: m.fits,
  });
  return {
    model_catalogue: () => models,
    import_model: ({ name, licence }: { folder: boolean; name?: string; licence?: string }) => {
      if (chooserCancelled) return null;
      if (name !== undefined && licence !== undefined) {
        const made = model(name, "language", { licence }, { listed: true });
        models = [...models, made];
        return [came(made, false)];
      }
      change("qwen2.5-coder-0.5b", (m) => ({ ...m, model: { ...m.model, state: "present" } }));
      return [came(named("qwen2.5-coder-0.5b"), true)];
    },
    choose_model: ({ task, name }: { task: string; name: string }) => {
      named(name);
      models = models.map((m) => (m.model.task === task ? { ...m, model: { ...m.model, default: m.model.name === name } } : m));
      return null;
    },
    try_model: ({ name }: { name: string }): ModelTriedDto => {
      const { task } = named(name).model;
      const speech = task === "speech";
      return {
        name,
        task,
        loading_s: 0.4,
        working_s: speech ? 4.1 : 9.3,
        audio_s: speech ? 79.7 : null,
        words: speech ? 214 : null,
        tokens: speech ? null : 1_612,
        status: speech ? null : "ok",
      };
    },
    remove_model: ({ name }: { name: string }) => {
      const { model: m, listed } = named(name);
      if (m.default) throw new IpcError("model_in_use");
      if (listed) models = models.filter((x) => x.model.name !== name);
      else change(name, (x) => ({ ...x, model: { ...x.model, state: "missing" } }));
      return null;
    },
  };
}
