internal import Base
internal import JSON

/// Something that is not as it was applied.
public struct DriftFinding: Sendable, Hashable {
  public let key: ThingKey
  /// As it was applied, and as it is; `nil` where it is gone.
  public let applied: ThingFields
  public let now: ThingFields?
  /// Who changed it, and when, where the server knows: by the id of a key, or the name of its user.
  public internal(set) var by: String?
  public internal(set) var at: String?
  public internal(set) var reason: String?

  /// What is other, by field.
  public var differences: [(name: String, old: String?, new: String?)] {
    applied.differences(to: now ?? ThingFields())
  }
}

/// What is not as it was applied, and what could not be told.
public struct SiteDriftReport: Sendable, Hashable {
  /// `false` where nothing was applied from here: then nothing can be told.
  public var wasApplied: Bool
  /// An apply was interrupted: servers may have a part of it.
  public var isOpen: Bool
  public var findings: [DriftFinding] = []
  /// Things that were not looked at, since their server is not in the blueprint any more, or has another address.
  public var unseen: [ThingKey] = []

  /// All is as it was applied.
  public var isEmpty: Bool { findings.isEmpty && unseen.isEmpty && !isOpen }
}

/// Compares what servers have with what was applied.
struct SiteDrift {
  let site: Site
  let state: DeployState
  let link: any DeployLink

  func read(into report: inout SiteDriftReport) throws(Fault) {
    let there = state.things.filter { key, recorded in
      site.servers.contains { $0.name == key.server && $0.address == recorded.address }
    }
    report.unseen = Set(state.things.keys).subtracting(there.keys).sorted()
    try KeyCover(link: link).check(Set(there.keys))
    let reality = try RealityReader(link: link, state: state, concealed: state.concealed()).read(Set(there.keys))
    for (key, recorded) in there.sorted(by: { $0.key < $1.key }) {
      let actual = reality.things[key]?.fields
      guard actual != recorded.fields else { continue }
      report.findings.append(named(DriftFinding(key: key, applied: recorded.fields, now: actual)))
    }
  }

  private enum Key: String, CaseIterable { case alias, at, to, by, reason }

  /// With who did it; servers with a registry of models know it of aliases, and nothing else keeps it.
  private func named(_ finding: DriftFinding) -> DriftFinding {
    var finding = finding
    let words = finding.key.name.split(separator: "/", maxSplits: 1).map(String.init)
    guard finding.key.kind == .alias, words.count == 2,
      let move = try? lastMove(of: words[1], words[0], on: finding.key.server)
    else { return finding }
    // A move that led elsewhere says nothing of who led it to where it is.
    guard move.to == finding.now?.string("version") else { return finding }
    (finding.by, finding.at, finding.reason) = (move.by, move.at, move.reason)
    return finding
  }

  private struct Move {
    var to: String?
    var by: String
    var at: String
    var reason: String?
  }

  private func lastMove(of alias: String, _ model: String, on server: String) throws(Fault) -> Move? {
    let path = ["v1", "registry", "models", model, "history"]
    let bytes = try link.answer(to: DeployRequest(server, path, alias: alias))
    var last: Move?
    for value in try JSONDocument(parsing: bytes.span.bytes, name: "the history of \(model)").root.elements() {
      let fields = try value.fields(Key.self, others: .ignored)
      guard try fields.required(.alias).string() == alias else { continue }
      last = Move(
        to: try fields.given(.to).map { (value) throws(Fault) in
          value.kind == .number ? "\(try value.integer())" : try value.string()
        }, by: try fields.required(.by).string(), at: try fields.required(.at).string(),
        reason: try fields.given(.reason)?.string())
    }
    return last
  }
}
