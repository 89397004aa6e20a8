import Base
import Deploy
import DeployTargets
import Gateway
import TestKit
import YAML

/// The blueprints of deploy/sites, and others.
enum RenderedSites {
  static let folder = Checkout.path + "/deploy/sites"

  static func named(_ name: String, _ stage: String?) throws(Fault) -> RenderedSite {
    try read(try FileSystem.read("\(folder)/\(name).yaml", limit: 1 << 20), stage)
  }

  static func read(_ text: String, stage: String? = nil) throws(Fault) -> RenderedSite {
    try read(Array(text.utf8), stage)
  }

  private static func read(_ bytes: [UInt8], _ stage: String?) throws(Fault) -> RenderedSite {
    let root = try SiteStages.merge(try YAMLDocument.parse(bytes, name: "site.yaml"), stage: stage)
    return try RenderedSite(root, document: "site.yaml", stage: stage, settingKeys: Set(ServeConfiguration.keys))
  }

  /// A site with these lines below `render`, and others at the end.
  static func site(_ render: String = "", _ others: String = "") throws(Fault) -> RenderedSite {
    let lines = render.split(separator: "\n").map { "  \($0)\n" }.joined()
    return try read("render:\n  name: site\n  image: ridley:1\n\(lines)\(others)\n")
  }

  /// What is said of a site that is refused; empty where it is not.
  static func refusal(_ render: String, _ others: String = "") -> String {
    do throws(Fault) {
      _ = try site(render, others)
      return ""
    } catch { return error.message }
  }

  static let shared = "store: {secret: env:STORE}\nobjects: s3://bucket/films\n"
}
