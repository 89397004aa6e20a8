public import Base

/// What was concluded about a film as a whole; each part is there where the pipeline asks for it.
public struct InsightReport: Sendable, Hashable {
  /// The parts, by the names that they have in JSON and in addresses.
  public enum Part: String, Sendable, Hashable, CaseIterable {
    case shots, breaks, content, safety, products, attention, memorability

    /// What to run so that it is told; a sentence's end.
    public var advice: String {
      let pipeline: String? =
        switch self {
        case .shots, .breaks, .content, .products, .attention: rawValue
        case .safety: "brand-safety"
        case .memorability: nil
        }
      return "run a pipeline that does" + (pipeline.map { ", such as 'ridley job start --pipeline \($0)'" } ?? "")
    }
  }

  public var shots: ShotList?
  /// What the shots were found by; no part of the JSON.
  public var figures: ShotFigures?
  public var breaks: BreakList?
  public var content: Content?
  public var safety: Safety?
  public var products: ProductReport?
  public var attention: AttentionReport?
  public var memorability: MemorabilityReport?
  /// What a person should know of it, and what kept a part from being there; each a sentence.
  public var notes: [String] = []

  public init() {}

  /// Those that are there, in one order.
  public var parts: [Part] { Part.allCases.filter { writer(of: $0) != nil } }

  private func writer(of part: Part) -> ((inout JSONWriter) -> Void)? {
    switch part {
    case .shots: shots.map { list in { list.write(into: &$0) } }
    case .breaks: breaks.map { list in { list.write(into: &$0) } }
    case .content: content.map { content in { content.write(into: &$0) } }
    case .safety: safety.map { safety in { safety.write(into: &$0) } }
    case .products: products.map { report in { report.write(into: &$0) } }
    case .attention: attention.map { report in { report.write(into: &$0) } }
    case .memorability: memorability.map { report in { report.write(into: &$0) } }
    }
  }

  /// One member for each part.
  public func write(into json: inout JSONWriter) {
    for part in parts {
      json.field(JSONWriter.Name(part.rawValue)) { json in writer(of: part)?(&json) }
    }
  }

  /// An object of all parts.
  public var json: [UInt8] { JSONWriter.line { write(into: &$0) } }
}
