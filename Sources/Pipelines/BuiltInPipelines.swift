/// Pipelines that are there without a file, by name; several of them together are one.
public enum BuiltInPipelines {
  public struct Entry: Sendable {
    public let name: String
    /// What it answers, in a few words.
    public let summary: String
    /// Its networks, each as a step of `infer`, by the name of the step.
    let networks: [String]
    /// What is told of the film.
    let insights: [String]

    /// As it would stand in a file.
    public var text: String { BuiltInPipelines.text([self]) }
  }

  public static let all: [Entry] = [
    Entry(
      name: "shots", summary: "cuts, dissolves and black, by a method that needs no network", networks: [],
      insights: ["shots:"]),
    Entry(
      name: "shots-transnetv2", summary: "cuts and dissolves, by TransNetV2",
      networks: ["{name: boundaries, model: transnetv2}"], insights: ["shots: {of: boundaries}"]),
    Entry(
      name: "breaks", summary: "natural breaks, ranked, never inside speech",
      networks: [embeddings], insights: ["shots:", "breaks: {of: embeddings, speech: silero-vad}"]),
    Entry(
      name: "content", summary: "what is in scenes and in the film, with a hierarchical vocabulary",
      networks: [labels], insights: ["shots:", "content: {of: labels}"]),
    Entry(
      name: "brand-safety",
      summary: "sensitive topics of IAB's Content Taxonomy, with evidence, and what was not assessed",
      networks: [
        labels, "{name: unsafe, model: open-nsfw, every: 1s}", "{name: explicit, model: nsfwjs, every: 1s}",
      ], insights: ["shots:", "safety:"]),
    Entry(
      name: "products", summary: "which products of a catalogue are in the film, when, and where best", networks: [],
      insights: ["products:"]),
    Entry(
      name: "attention", summary: "where the film draws the eye",
      networks: ["{name: saliency, model: attention-center, every: 1s}"], insights: ["attention: {of: saliency}"]),
  ]

  private static let labels = "{name: labels, model: efficientnet-lite0, top: 100, threshold: 0.0005, every: 1s}"
  private static let embeddings = "{name: embeddings, model: mobilenet-v1-embedding, every: 500ms}"

  /// The pipeline of a name, or of several with commas between them; `nil` where one is not there.
  public static func named(_ names: String) -> String? {
    let parts = names.split(separator: ",", omittingEmptySubsequences: false)
    let entries = parts.compactMap { part in all.first { $0.name == part } }
    return entries.count == parts.count ? text(entries) : nil
  }

  private static func text(_ entries: [Entry]) -> String {
    var (networks, insights) = ([String](), [String]())
    for entry in entries {
      networks += entry.networks.filter { !networks.contains($0) }
      insights += entry.insights.filter { !insights.contains($0) }
    }
    // The one that a network finds is the better word where both are asked for.
    if insights.contains("shots: {of: boundaries}") { insights.removeAll { $0 == "shots:" } }
    let infer = networks.isEmpty ? [] : ["infer:"] + networks.map { "  - \($0)" }
    return (infer + insights).joined(separator: "\n") + "\n"
  }
}
