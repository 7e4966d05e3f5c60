"""Has a file changed?"""

from pathlib import Path

Stamp = tuple[int, int, int]


def file_stamp(file: Path) -> Stamp:
    """Another one where the file was written or replaced since; zeros where there is none."""
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
