public import Base
internal import YAML

/// One file of what was rendered.
public struct RenderedFile: Sendable, Hashable {
  /// Below the folder that it is written to.
  public var path: String
  public var text: String

  /// How the first file of each platform begins, by which a folder is known to hold what was rendered.
  public static let mark = "# Rendered by 'ridley deploy render "

  public init(_ path: String, _ text: String) { (self.path, self.text) = (path, text) }

  init(_ path: String, _ text: YAMLText) { self.init(path, text.text) }
}

/// A platform that files are rendered for.
public enum RenderTarget: String, Sendable, Hashable, CaseIterable {
  case compose, kubernetes, aws

  /// The files of a site: the same ones byte by byte for the same site, in the order of their paths.
  ///
  /// A fault is `unsupported`, and says what the platform has no place for and what has it.
  public func files(for site: RenderedSite) throws(Fault) -> [RenderedFile] {
    let site = site.fitted(to: self)
    let files =
      switch self {
      case .compose: try ComposeFiles(site).files()
      case .kubernetes: try KubernetesFiles(site).files()
      case .aws: try AWSFiles(site).files()
      }
    return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }
}

extension RenderTarget {
  /// What of a site is asked of servers, where the platform has none of them: keys of its blueprint.
  public func leftOut(of site: RenderedSite) -> [String] {
    guard self == .aws else { return [] }
    let things = [("streams", site.watchesStreams), ("targets", !site.targets.isEmpty)].filter(\.1).map(\.0)
    return things + site.settings.map(\.key).filter { $0 != "models" && $0 != "pipelines" }
  }
}

extension RenderedSite {
  /// The settings of servers as a file: what rendering decides first, then what the site says.
  var settingsFile: RenderedFile {
    var text: YAMLText = """
      # Settings of servers (docs/serving.md has them all), from the site. Addresses come from the environment.
      listen: 0.0.0.0:8080
      workers: \(isShared ? 0 : worker.replicas)

      """
    if !settings.contains(where: { $0.key == "poll" }) {
      text += "poll: off # models are those of the image; other models are another image\n"
    }
    text += YAMLText(settings)
    return RenderedFile("ridley.yaml", text)
  }
}
