#!/usr/bin/env python3
"""llama.cpp's server (PyPI xllamacpp), asked as crates/extraction/examples/bench_worker.rs is: one JSON object a line.

  llamacpp_worker.py MODEL.gguf [THREADS] [SLOTS]

One prompt a document with a JSON schema, greedy, at most 800 tokens, prompt cache on: what a local tool does today."""
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

# Its server logs to standard output from C: answers go to a descriptor of our own, its words to standard error.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
import xllamacpp  # noqa: E402

CONTEXT = 8192
LONGEST = 800
model, threads, slots = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2, int(sys.argv[3]) if len(sys.argv) > 3 else 1
settings = xllamacpp.CommonParams()
settings.model.path = model
settings.n_ctx = CONTEXT * slots
settings.n_parallel = slots
settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
server = xllamacpp.Server(settings)


def plain(schema):
    """Without annotations of ours, which its reader does not know."""
    if isinstance(schema, dict):
        ours = ("$schema", "$id", "title")
        return {k: plain(v) for k, v in schema.items() if not k.startswith("x-") and k not in ours}
    return [plain(v) for v in schema] if isinstance(schema, list) else schema


def parsed(answer):
    return json.loads(answer) if isinstance(answer, (str, bytes)) else answer


def extract(schema, texts):
    with open(schema, encoding="utf-8") as f:
        schema = plain(json.load(f))
    fields = "\n".join(f"- {name}: {field.get('description', '')}" for name, field in schema["properties"].items())
    instructions = (
        "You extract structured data from clinical text. Use only what the text states. Copy values word for word from "
        "the text. Leave a list empty when the text has nothing for it. Reply with JSON only.\nFields:\n" + fields
    )

    def one(text):
        body = {
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": text}],
            "temperature": 0,
            "max_tokens": LONGEST,
            "cache_prompt": True,
            "response_format": {"type": "json_schema", "json_schema": {"name": "e", "schema": schema}},
        }
        answer = parsed(server.handle_chat_completions(body))
        used = answer.get("usage", {})
        try:
            pred, valid = json.loads(answer["choices"][0]["message"]["content"]), True
        except (KeyError, IndexError, ValueError):
            pred, valid = {}, False
        return {"pred": pred, "valid": valid, "read": used.get("prompt_tokens"), "wrote": used.get("completion_tokens")}

    start = time.monotonic()
    with ThreadPoolExecutor(slots) as pool:
        found = list(pool.map(one, texts))
    return {"seconds": time.monotonic() - start, "answers": found}


def rates():
    body = {
        "prompt": [1000 + i * 37 % 20000 for i in range(512)],
        "n_predict": 64,
        "ignore_eos": True,
        "cache_prompt": False,
        "temperature": 0,
    }
    timings = parsed(server.handle_completions(body))["timings"]
    return {"read": timings["prompt_per_second"], "wrote": timings["predicted_per_second"]}


def going_on(tokens, count, likeliest):
    """The `count` tokens written after `tokens`, greedily, and at each place the likeliest with their log probabilities."""
    body = {"prompt": tokens, "n_predict": count, "ignore_eos": True, "cache_prompt": False, "temperature": 0,
            "n_probs": likeliest}
    places = parsed(server.handle_completions(body))["choices"][0]["logprobs"]["content"]
    return {"wrote": [place["id"] for place in places],
            "places": [[[t["id"], t["logprob"]] for t in place["top_logprobs"]] for place in places]}


def tell(value):
    answers.write(json.dumps(value) + "\n")
    answers.flush()


tell({"ready": True, "version": version("xllamacpp")})
for line in sys.stdin:
    asked = json.loads(line)
    if asked["do"] == "extract":
        tell(extract(asked["schema"], asked["texts"]))
    elif asked["do"] == "go on":
        tell(going_on(asked["tokens"], asked["count"], asked["likeliest"]))
    else:
        tell(rates())
