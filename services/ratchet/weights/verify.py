"""What a version must be before a service touches what it serves."""

from pathlib import Path, PurePosixPath

from ratchet.v1.weights_pb2 import Manifest, Role
from ratchet.weights.files import UnsafeFile, sha256_of, version_files
from ratchet.weights.registry import Registry
from ratchet.weights.safetensors_file import BadTensorFile, TensorEntry, is_finite, read_entries

PICKLE_SUFFIXES = {".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"}
PICKLE_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04")


class VersionRejected(Exception):
    """A version that must not be served; `str()` says why in one line."""


def verify(folder: Path, manifest: Manifest, like: Path | None = None) -> None:
    """Checks a version's folder against its manifest, and its tensors against those of `like`.

    Files are exactly those of the manifest, plain, below the folder, of the right size and sha256;
    weights are safetensors, all finite; names, shapes and dtypes equal those in the folder `like`.

    Raises:
        VersionRejected: something is not so.
    """
    try:
        _verify_files(folder, manifest)
        tensors = _tensors(folder)
        if not tensors:
            raise VersionRejected("there are no tensors")
        if like is not None:
            _verify_likeness(tensors, _tensors(like))
        for name, (path, entry) in tensors.items():
            if not is_finite(path, entry):
                raise VersionRejected(f"tensor {name} is not finite")
    except (OSError, UnsafeFile) as error:
        raise VersionRejected(str(error)) from error


def verify_published(registry: Registry, role: Role, version: int) -> None:
    """Checks a version of a registry; a policy's tensors must be those of the first policy.

    Raises:
        VersionRejected: it is not sound.
        RegistryError: there is no such version, or no manifest that can be read.
    """
    like = registry.folder(role, 1) if role == Role.ROLE_POLICY and version > 1 else None
    manifest = registry.manifest(role, version)
    verify(registry.folder(role, version), manifest, like if like and like.exists() else None)


def _verify_files(folder: Path, manifest: Manifest) -> None:
    if folder.is_symlink() or not folder.is_dir():
        raise VersionRejected(f"{folder} is no folder")
    for path in [manifest.uri, *(file.path for file in manifest.files)]:
        if not _stays_below(path):
            raise VersionRejected(f"the manifest names {path!r}, outside its folder")
    listed = {file.path: file for file in manifest.files}
    found = dict(version_files(folder))
    if len(listed) != len(manifest.files) or listed.keys() != found.keys():
        odd = sorted(listed.keys() ^ found.keys())
        raise VersionRejected(f"not the files of the manifest: {', '.join(odd) or 'named twice'}")
    for name, path in found.items():
        if path.stat().st_size != listed[name].bytes:
            raise VersionRejected(
                f"{name} has {path.stat().st_size} bytes, not {listed[name].bytes}"
            )
        _refuse_pickle(name, path)
    for name, path in found.items():
        if sha256_of(path) != listed[name].sha256:
            raise VersionRejected(f"{name} has another sha256 than its manifest says")


def _stays_below(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _refuse_pickle(name: str, path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    # A safetensors file begins with a length, which may look like anything; its header is read.
    looks_pickled = path.suffix != ".safetensors" and start.startswith(PICKLE_STARTS)
    if looks_pickled or path.suffix in PICKLE_SUFFIXES:
        raise VersionRejected(f"{name} may hold a pickle, which can run code")


def _tensors(folder: Path) -> dict[str, tuple[Path, TensorEntry]]:
    tensors: dict[str, tuple[Path, TensorEntry]] = {}
    for name, path in version_files(folder):
        if path.suffix != ".safetensors":
            continue
        try:
            entries = read_entries(path)
        except BadTensorFile as error:
            raise VersionRejected(f"{name} {error}") from None
        if twice := tensors.keys() & entries.keys():
            raise VersionRejected(f"tensor {min(twice)} is in two files")
        tensors |= {tensor: (path, entry) for tensor, entry in entries.items()}
    return tensors


def _verify_likeness(
    tensors: dict[str, tuple[Path, TensorEntry]], expected: dict[str, tuple[Path, TensorEntry]]
) -> None:
    for name in sorted(tensors.keys() ^ expected.keys()):
        raise VersionRejected(f"tensor {name} is {'missing' if name in expected else 'unknown'}")
    for name, (_, entry) in tensors.items():
        wanted = expected[name][1]
        if (entry.dtype, entry.shape) != (wanted.dtype, wanted.shape):
            raise VersionRejected(
                f"tensor {name} is {entry.dtype} {list(entry.shape)}, "
                f"not {wanted.dtype} {list(wanted.shape)}"
            )
