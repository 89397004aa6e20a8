import Base
import Catalog
import Foundation
import SearchLanguage
import TestKit
import Testing

/// A query of `Golden/queries.tsv`, and what `Golden/make_golden.py` says of it.
public struct GoldenQuery: Sendable, CustomTestStringConvertible {
  public let text: String
  public let now: Int
  public let zone: String
  /// Ids that are found, or behind `! ` what a fault says, in parts that `|` sets apart.
  public let expected: String

  public var testDescription: String { "\(text) (\(zone))" }

  public func parsed() throws(Fault) -> SearchQuery {
    try SearchQuery(parsing: text, at: now, in: TimeRules.named(zone))
  }

  public static func isRefused(_ query: GoldenQuery) -> Bool { query.expected.hasPrefix("! ") }

  public static let folder = "\(Checkout.path)/Tests/SearchLanguageTests/Golden"

  public static let all: [GoldenQuery] = {
    lines(of: "queries.tsv").map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      return GoldenQuery(text: parts[0], now: Int(parts[1])!, zone: parts[2], expected: parts[3])
    }
  }()

  public static let moments: [Moment] = {
    lines(of: "moments.jsonl").map {
      moment((try? JSONSerialization.jsonObject(with: Data($0.utf8))) as! [String: Any])
    }
  }()

  private static func lines(of file: String) -> [Substring] {
    (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8))?.split(separator: "\n") ?? []
  }

  private static func moment(_ fields: [String: Any]) -> Moment {
    let source: Moment.Source =
      if let asset = fields["asset"] as? String { .asset(ULID(asset)!) } else { .stream(fields["stream"] as! String) }
    var moment = Moment(
      id: fields["id"] as! String, client: "acme", source: source, kind: .init(rawValue: fields["kind"] as! String)!,
      from: fields["began"] as! Int, to: fields["ended"] as! Int, series: fields["series"] as! String)
    moment.label = fields["label"] as? String
    moment.score = (fields["score"] as? Double).map { Float($0) }
    moment.track = fields["track"] as? Int
    moment.traits = fields["traits"] as? [String] ?? []
    moment.zone = (fields["zones"] as? [String])?.first
    moment.rule = fields["rule"] as? String
    moment.text = fields["text"] as? String
    moment.isOpen = fields["open"] as? Bool ?? false
    return moment
  }
}
