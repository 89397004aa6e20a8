import Foundation

/// The built `ridley`, as a user runs it.
public enum Program {
  /// Beside the bundle that the tests run from.
  public static let path: String = {
    let bundle = ProcessInfo.processInfo.arguments[0]
    let folder = bundle.contains(".xctest") ? bundle.components(separatedBy: "/").dropLast().joined(separator: "/") : ""
    return folder + "/ridley"
  }()

  /// Runs it with homes of its own, so that nothing on the machine is used or changed.
  public static func run(
    _ arguments: [String], in folder: String? = nil, environment: [String: String] = [:]
  ) -> ShellResult {
    let own = ["RIDLEY_HOME": home.file("home"), "RIDLEY_CACHE": home.file("cache"), "RIDLEY_MODELS": models]
    return shell([path] + arguments, in: folder, environment: own.merging(environment) { $1 })
  }

  /// The checkout's manifests.
  public static let models = Checkout.path + "/models"

  private static let home = TemporaryFolder()

  /// Pulls a model from the folder of test data, once.
  public static func pull(_ model: String) -> ShellResult {
    run(["model", "pull", model, "--mirror", TestData.folder ?? "", "--quiet"])
  }
}

extension ShellResult {
  /// Standard output as JSON.
  public var json: [String: Any] {
    (try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]) ?? [:]
  }
}
