"""Prints what the image is made of, as CycloneDX JSON: Python packages of an environment, and Debian's.

    python sbom.py PYPROJECT ENVIRONMENT

runs in the image, with an interpreter that has cyclonedx-bom. That finds the Python packages, with their
licences and what depends on what; of Debian's, dpkg tells. The same packages give the same bytes.
"""

import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

_FIELDS: Final = ("Package", "Version", "Architecture", "source:Package", "source:Version")


def main(pyproject: str, environment: str) -> str:
    """The text; ValueError if it were not valid."""
    bom = _of_python(pyproject, environment)
    root = bom.metadata.component
    debian = list(_of_debian())
    bom.components.update(debian)
    bom.register_dependency(root, [*_direct(bom, root), *debian])
    text: str = JsonV1Dot6(bom).output_as_string(indent=1)
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(str(problem))
    return text


def _of_python(pyproject: str, environment: str) -> Bom:
    tool = [sys.executable, "-m", "cyclonedx_py", "environment"]
    asked = ["--output-reproducible", "--spec-version", "1.6", "--pyproject", pyproject, environment]
    done = subprocess.run([*tool, *asked], stdout=subprocess.PIPE, check=True)  # noqa: S603  # our own words
    bom = Bom.from_json(json.loads(done.stdout))
    bom.metadata.timestamp = None  # from_json takes the time of reading for one that is not told
    return bom


def _direct(bom: Bom, root: Component) -> list[Component]:
    """What the root depends on already."""
    [node] = [one for one in bom.dependencies if one.ref == root.bom_ref]
    wanted = set(node.dependencies_as_bom_refs())
    return [one for one in bom.components if one.bom_ref in wanted]


def _of_debian() -> Iterator[Component]:
    """What dpkg installed, by the names that vulnerabilities are known by."""
    system = platform.freedesktop_os_release()
    shown = "\t".join(f"${{{field}}}" for field in _FIELDS) + "\n"
    listed = subprocess.run(  # noqa: S603  # our own words
        ["dpkg-query", "--show", f"--showformat={shown}"],  # noqa: S607  # of the image
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    for line in listed.splitlines():
        name, version, architecture, source, source_version = line.split("\t")
        known_by = {
            "arch": architecture,
            "distro": f"{system['ID']}-{system['VERSION_ID']}",
            "upstream": source if source_version == version else f"{source}@{source_version}",
        }
        purl = PackageURL("deb", system["ID"], name, version, known_by)
        yield Component(
            name=name, version=version, type=ComponentType.LIBRARY, purl=purl, bom_ref=purl.to_string()
        )


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]))
