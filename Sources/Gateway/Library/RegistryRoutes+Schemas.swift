extension RegistryRoutes {
  private static var number: Document { ["type": "integer", "minimum": 1] }

  private static var versionFields: KeyValuePairs<String, Document> {
    [
      "model": string, "version": number, "ulid": string, "digest": schema("Digest"), "task": string,
      "manifest": about("The object with its model.yaml.", string),
      "files": list(object(["path": string, "object": string, "bytes": count])), "by": string, "published": moment,
    ]
  }

  private static var versionExtras: KeyValuePairs<String, Document> {
    [
      "card": about("The object with what people should know of it.", string),
      "origin": object(
        [:], optional: ["run": string, "data": string, "parent": string, "source": string, "schema": string]),
      "removed": about(
        "Its files were let go of.", object(["at": moment, "by": string], optional: ["reason": string])),
    ]
  }

  static let schemas: Document = [
    "RegistryModel": object([
      "model": string, "versions": list(schema("RegistryVersion")),
      "aliases": about("The last move of each that points somewhere.", list(schema("AliasMove"))),
    ]),
    "RegistryVersion": object(versionFields, optional: versionExtras),
    "AliasMove": object(
      ["model": string, "alias": string, "at": moment, "by": string],
      optional: ["from": number, "to": number, "reason": string]),
    "AliasPlace": object(["version": schema("RegistryVersion"), "move": schema("AliasMove")]),
    "RegistryVersionFacts": object(
      [
        "version": schema("RegistryVersion"), "aliases": list(schema("AliasMove")), "notes": list(schema("ModelNote")),
        "signatures": list(
          object([
            "model": string, "version": number, "key": string, "signature": string, "by": string, "signed": moment,
          ])),
        "examples": list(
          object([
            "model": string, "version": number, "ulid": string, "inputs": string, "answers": string, "count": count,
            "computation": string, "by": string, "recorded": moment,
          ])),
      ], optional: ["card": about("What people should know of it.", string)]),
    "ModelNote": about(
      "A tag or a metric.",
      object(
        ["model": string, "version": number, "name": string, "by": string, "at": moment, "ulid": string],
        optional: [
          "tag": string, "metric": ["type": "number"],
          "slice": about("The part of the data that it was measured on.", string),
        ])),
    "AnsweredList": object(
      [
        "answers": list(
          object([
            "asset": string, "client": string, "name": string, "pipeline": string, "series": string, "made": moment,
            "engine": string,
          ])), "more": about("There may be more: ask on after next.", flag),
      ], optional: ["next": string]),
  ]
}
