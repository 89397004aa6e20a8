/// Pipelines that are there without a file, by name.
public enum BuiltInPipelines {
  public struct Entry: Sendable {
    public let name: String
    /// What it answers, in a few words.
    public let summary: String
    /// As it would stand in a file.
    public let text: String
  }

  public static let all: [Entry] = [
    Entry(name: "shots", summary: "cuts, dissolves and black, by a method that needs no network", text: "shots:\n"),
    Entry(
      name: "shots-transnetv2", summary: "cuts and dissolves, by TransNetV2",
      text: """
        infer: {name: boundaries, model: transnetv2}
        shots: {of: boundaries}

        """),
  ]

  public static func named(_ name: String) -> Entry? { all.first { $0.name == name } }
}
