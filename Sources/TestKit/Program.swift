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

  /// What `serve` says, from its start until it was told to end once it was ready, of the models in `models` of the folder.
  public static func toldOnServing(_ folder: TemporaryFolder) -> String {
    let script = """
      "$0" serve --models "$1/models" --listen 127.0.0.1:0 2> "$1/told" & child=$!
      for i in $(seq 1200); do grep -q 'ready; try' "$1/told" && break; sleep 0.05; done; kill $child; wait $child; cat "$1/told"
      """
    let homes = ["RIDLEY_HOME": folder.file("home"), "RIDLEY_CACHE": folder.file("cache")]
    return shell(["bash", "-c", script, path, folder.path], environment: homes).output
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
