"""Whether files are what they should be, by readers that are not ours: FHIR R4 documents by fhir.resources (the models of
R4, 4.0.1), Word documents by python-docx, whose text is printed."""

import sys
from pathlib import Path

import docx
from fhir.resources.bundle import Bundle

for name in sys.argv[1:]:
    if name.endswith(".docx"):
        document = docx.Document(name)
        for paragraph in document.paragraphs:
            print(f"{paragraph.style.name}: {paragraph.text}")
        for table in document.tables:
            for row in table.rows:
                print(" | ".join(cell.text for cell in row.cells))
        continue
    bundle = Bundle.parse_raw(Path(name).read_bytes())
    assert bundle.type == "document", bundle.type
    resources = [entry.resource for entry in bundle.entry]
    assert resources[0].resource_type == "Composition", "a document begins with its Composition"
    urls = [entry.fullUrl for entry in bundle.entry]
    assert len(set(urls)) == len(urls), "every fullUrl once"

    def references(value):
        if isinstance(value, dict):
            if isinstance(value.get("reference"), str):
                yield value["reference"]
            for member in value.values():
                yield from references(member)
        elif isinstance(value, list):
            for member in value:
                yield from references(member)

    import json

    raw = json.loads(Path(name).read_text())
    dangling = set(references(raw)) - set(urls)
    assert not dangling, f"references to nothing: {dangling}"
    reached, open_ = set(), [urls[0]]
    by_url = {entry["fullUrl"]: entry["resource"] for entry in raw["entry"]}
    while open_:
        url = open_.pop()
        if url not in reached:
            reached.add(url)
            open_.extend(references(by_url[url]))
    for url, resource in by_url.items():
        assert url in reached or resource["resourceType"] == "Provenance", f"{resource['resourceType']} is not reached"
    for resource in resources:
        print(resource.resource_type)
