public import Base

/// What was concluded about a film as a whole; each part is there where the pipeline asks for it.
public struct InsightReport: Sendable, Hashable {
  /// The parts, by the names that they have in JSON and in addresses.
  public enum Part: String, Sendable, Hashable, CaseIterable {
    case shots
  }

  public var shots: ShotList?

  public init() {}

  /// Those that are there, in one order.
  public var parts: [Part] { Part.allCases.filter { isThere($0) } }

  private func isThere(_ part: Part) -> Bool {
    switch part {
    case .shots: shots != nil
    }
  }

  /// One member for each part.
  public func write(into json: inout JSONWriter) {
    for part in parts { json.field(JSONWriter.Name(part.rawValue)) { write(part, into: &$0) } }
  }

  private func write(_ part: Part, into json: inout JSONWriter) {
    switch part {
    case .shots: shots?.write(into: &json)
    }
  }

  /// An object of all parts.
  public var json: [UInt8] { JSONWriter.line { write(into: &$0) } }
}
