"""What fuzz targets begin with where the repository has no file: a Word document, a workbook, a language model's header, a
speech model's weight and messages of the engine, each as small as it can be. seeds.py FOLDER"""

import json
import struct
import sys
import zipfile

PARTS = "application/vnd.openxmlformats-officedocument"
NS = "http://schemas.openxmlformats.org"


def write(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')


def types(*overrides):
    listed = "".join(f'<Override PartName="{part}" ContentType="{PARTS}.{kind}+xml"/>' for part, kind in overrides)
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return f'<Types xmlns="{NS}/package/2006/content-types"><Default Extension="rels" ContentType="{rels}"/>{listed}</Types>'


def relations(kind, target):
    relation = f'<Relationship Id="rId1" Type="{NS}/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{NS}/package/2006/relationships">{relation}</Relationships>'


folder = sys.argv[1]
body = "<w:p><w:r><w:t>chest</w:t><w:tab/><w:t>x-ray</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
write(f"{folder}/report.docx", {
    "[Content_Types].xml": types(("/word/document.xml", "wordprocessingml.document.main")),
    "_rels/.rels": relations("officeDocument", "word/document.xml"),
    "word/document.xml": f'<w:document xmlns:w="{NS}/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>',
})
main = f"{NS}/spreadsheetml/2006/main"
row = '<row r="1"><c r="A1" t="inlineStr"><is><t>report</t></is></c><c r="B1"><v>45000.5</v></c><c r="C1" t="b"><v>1</v></c></row>'
write(f"{folder}/reports.xlsx", {
    "[Content_Types].xml": types(
        ("/xl/workbook.xml", "spreadsheetml.sheet.main"), ("/xl/worksheets/sheet1.xml", "spreadsheetml.worksheet")
    ),
    "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
    "xl/_rels/workbook.xml.rels": relations("worksheet", "worksheets/sheet1.xml"),
    "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{NS}/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Reports" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{row}</sheetData></worksheet>',
})


def put(name, *parts):
    with open(f"{folder}/{name}", "wb") as file:
        file.write(b"".join(parts))


def text(words):
    return struct.pack("<Q", len(words)) + words.encode()


# Four values by key, of four types, then the one tensor, 4 numbers of 4 bytes each at the next multiple of 32.
values = [("general.architecture", 8, text("qwen2")), ("general.alignment", 4, struct.pack("<I", 32))]
values += [("qwen2.rope.freq_base", 6, struct.pack("<f", 1e6))]
values += [("tokenizer.ggml.tokens", 9, struct.pack("<IQ", 8, 2) + text("a") + text("b"))]
head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(values))
head += b"".join(text(key) + struct.pack("<I", kind) + value for key, kind, value in values)
head += text("output_norm.weight") + struct.pack("<IQIQ", 1, 4, 0, 0)
put("head.gguf", head, bytes(-len(head) % 32), struct.pack("<4f", 1, 2, 3, 4))

name = b"decoder.ln.weight"
put("weight.ggml", struct.pack("<iiii", 1, len(name), 0, 64), name, bytes(4 * 64))


def frame(kind, payload):
    return struct.pack("<IB", len(payload) + 1, kind) + payload


def message(value):
    return frame(0, json.dumps(value).encode())


hello = {"type": "hello", "version": 3, "threads": 1, "speech": None, "language": None, "device": "cpu", "unsealed": False}
schema = {"type": "check_schema", "schema": {"type": "object"}}
put("request.frames", message(hello), message({"type": "probe"}), message(schema))
put("reply.frames", message({"type": "need", "offset": 0, "len": 9}), frame(1, b"some bytes"))
