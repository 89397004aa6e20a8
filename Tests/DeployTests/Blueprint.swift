import Base
import Foundation
import TestKit
import YAML

@testable import Deploy

/// A blueprint in a folder of its own, and servers in memory.
final class Blueprint {
  let folder = TemporaryFolder()
  let servers: FakeServers
  var path: String { folder.file("site.yaml") }
  /// What the clock shows; a server that is slow moves it.
  var seconds = 0.0
  private(set) var told: [String] = []

  init(_ names: [String] = ["main"]) { servers = FakeServers(names) }

  static let surroundings = SiteSurroundings(
    addresses: addresses, startupKeys: ["limits", "queue", "listen", "models", "pipelines", "store"],
    checkStartup: checkStartup
  ) { (bytes, name) throws(Fault) in
    guard !bytes.starts(with: Array("nonsense".utf8)) else { throw Fault(.badInput, "\(name):1:1: nonsense") }
  }

  private static let checkStartup: @Sendable (YAMLNode, String) throws(Fault) -> Void = { (part, name) throws(Fault) in
    guard case .map(let entries) = part.kind, entries[0].key == "limits", !entries[0].node.isGroup else { return }
    throw Fault(.badInput, "\(name):\(entries[0].node.place.line):\(entries[0].node.place.column): limits is no group")
  }

  static let addresses = SiteAddresses { (text) throws(Fault) in
    guard !text.hasPrefix("gopher:") else { throw Fault(.unsupported, "streams do not come by gopher") }
    return FakeServers.shown(text)
  }

  func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }
  func secret(_ name: String, _ text: String) throws {
    try Data((text + "\n").utf8).write(to: URL(filePath: folder.file(name)))
  }

  static func read(_ text: String, stage: String? = nil, folder: String = ".") throws(Fault) -> Site {
    try Site.read(Array(text.utf8), name: "site.yaml", folder: folder, stage: stage, surroundings)
  }

  func deployment(_ stage: String? = nil) throws -> Deployment {
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let site = try Self.read(text, stage: stage, folder: folder.path).resolved(Self.addresses)
    return Deployment(site, at: path, over: servers)
  }

  func plan(_ stage: String? = nil, adopts: Bool = false) throws -> DeployPlan {
    try deployment(stage).plan(adopts: adopts)
  }

  /// Waits for nothing: half a second is over at once.
  @discardableResult
  func apply(
    _ plan: DeployPlan? = nil, stage: String? = nil, adopts: Bool = false, forgets: Bool = false, patience: Double = 2
  ) throws -> Deployment.Outcome {
    told = []
    let hooks = Applier.Hooks(
      tell: { self.told.append($0) },
      wait: { seconds in
        self.seconds += seconds
        return true
      }, now: { 1_764_412_284 }, seconds: { self.seconds })
    return try deployment(stage).apply(plan, adopts: adopts, forgets: forgets, patience: patience, hooks)
  }
}
