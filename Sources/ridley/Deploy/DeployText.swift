import Base
import Crypto
import Deploy

/// Plans and drift, for people.
enum DeployText {
  static func text(_ plan: DeployPlan, of site: Site, _ file: String) -> String {
    let words: [(PlanStep.Action, String)] = [
      (.create, "to create"), (.change, "to change"), (.adopt, "to adopt"), (.destroy, "to destroy"),
    ]
    let counts = words.compactMap { action, word in
      let count = plan.steps.count { $0.action == action }
      return count == 0 ? nil : "\(count) \(word)"
    }
    let kept = plan.kept.count == 1 ? "1 is as it shall be" : "\(plan.kept.count) are as they shall be"
    var text = "\(file), \(site.stage): \((counts + [kept]).joined(separator: ", "))\n"
    for step in plan.steps { text += self.text(step) }
    for key in plan.forgotten {
      text += "  . \(key.text): it was applied, and is gone, or its server is: it is forgotten\n"
    }
    if !site.startup.isEmpty {
      text += "not told over HTTP, servers read it when they are started: \(site.startup.joined(separator: ", "))\n"
    }
    return text
  }

  private static func text(_ step: PlanStep) -> String {
    let mark =
      switch step.action {
      case .create: "+"
      case .change: "~"
      case .adopt: "="
      case .destroy: "-"
      }
    var text = "  \(mark) \(step.key.text)\n"
    // What is made or taken away is told whole only where it is changed.
    if step.action == .change || step.action == .adopt { text += changes(step.differences) }
    for name in step.hidden { text += "      \(name): a secret, or what is not shown of it, is another\n" }
    text += "      \(step.effect)\n"
    if !step.isReversible { text += "      cannot be as it was again: servers do not show all of it\n" }
    return text
  }

  private static func changes(_ differences: [(name: String, old: String?, new: String?)]) -> String {
    differences.map { "      \($0.name): \(short($0.old)) -> \(short($0.new))\n" }.joined()
  }

  /// A document is told by how long it is, and by what it is known again.
  private static func short(_ value: String?) -> String {
    guard let value else { return "nothing" }
    guard value.utf8.count > 120 else { return value }
    return "\(value.utf8.count) bytes, sha256:\(SHA256.hex(of: Array(value.utf8)).prefix(8))…"
  }

  static func text(_ report: SiteDriftReport) -> String {
    var text = report.isOpen ? "an apply was interrupted: 'ridley deploy apply' finishes it, or goes back\n" : ""
    text += report.findings.map(Self.text).joined()
    for key in report.unseen {
      text += "  ? \(key.text) was not looked at: its server has another address now, or is not in the blueprint\n"
    }
    return report.isEmpty ? "all is as it was applied\n" : text
  }

  static func write(_ report: SiteDriftReport, into json: inout JSONWriter) {
    json.array("drift") { json in
      for finding in report.findings { json.object { write(finding, into: &$0) } }
    }
    json.array("unseen") { json in for key in report.unseen { json.object(key.write) } }
    json.field("interrupted", report.isOpen)
  }

  private static func text(_ finding: DriftFinding) -> String {
    var text = "  \(finding.now == nil ? "-" : "~") \(finding.key.text)\(finding.now == nil ? " is gone" : "")\n"
    if finding.now != nil { text += changes(finding.differences) }
    if let by = finding.by {
      text += "      by \(by)\(finding.at.map { " at \($0)" } ?? "")\(finding.reason.map { ": \($0)" } ?? "")\n"
    }
    return text
  }

  private static func write(_ finding: DriftFinding, into json: inout JSONWriter) {
    json.object("thing", finding.key.write)
    json.object("applied", finding.applied.write)
    if let now = finding.now { json.object("now", now.write) }
    json.field("by", ifKnown: finding.by)
    json.field("at", ifKnown: finding.at)
    json.field("reason", ifKnown: finding.reason)
  }
}
