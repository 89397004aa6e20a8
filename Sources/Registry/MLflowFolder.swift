public import Base
internal import YAML

/// A model as MLflow keeps it: a folder with a file `MLmodel`, which says in which forms (flavours) the model is there.
///
/// Taken are `onnx`, and `tensorflow` where it is a SavedModel: forms that are a network. Code in Python is none.
public struct MLflowFolder: Sendable {
  /// The network's file, or the folder of a SavedModel.
  public let network: String
  /// The run that it comes from.
  public let run: String?
  /// What it takes and gives, where MLflow says so: JSON with members `inputs` and `outputs`.
  public let schema: String?

  public static let fileName = "MLmodel"
  static let mostSchemaBytes = 20_000

  /// - Throws: `notFound` where there is no such file; `unsupported` where no flavour is a network, with those that there are.
  public init(_ folder: String) throws(Fault) {
    let path = "\(folder)/\(Self.fileName)"
    guard FileSystem.isThere(path) else {
      throw Fault(.notFound, "\(folder) is no model of MLflow: it has no file \(Self.fileName)")
    }
    let root = try YAMLDocument.parse(try FileSystem.read(path, limit: 1 << 20), name: path).value("the model")
    guard let flavors = root.entry("flavors"), case .map(let entries) = flavors.node.kind else {
      throw root.fault("the key 'flavors' is missing: this is no model of MLflow")
    }
    guard let found = try Self.network(flavors, in: folder) else {
      let names = entries.map(\.key).joined(separator: ", ")
      throw Fault(
        .unsupported,
        "\(folder) has no network file: its flavours are \(names), and 'onnx', or 'tensorflow' with a SavedModel, is needed: log the model with mlflow.onnx.log_model"
      )
    }
    network = found
    run = try root.entry("run_id")?.text()
    schema = try Self.schema(root.entry("signature"))
  }

  private static func network(_ flavors: YAMLValue, in folder: String) throws(Fault) -> String? {
    for (flavor, key) in [("onnx", "data"), ("tensorflow", "saved_model_dir")] {
      guard let value = flavors.entry(flavor)?.entry(key) else { continue }
      let place = try value.text()
      let parts = place.split(separator: "/", omittingEmptySubsequences: false)
      guard !parts.isEmpty, !place.hasPrefix("/"), !parts.contains("..") else {
        throw value.fault("'\(place)' leads out of the model's folder")
      }
      let path = "\(folder)/\(place)"
      // A flavour may also name a folder that the network stands in.
      let inner = "\(path)/model.onnx"
      if flavor == "onnx", FileSystem.kind(of: path) == .folder, FileSystem.isThere(inner) { return inner }
      guard FileSystem.isThere(path) else {
        throw value.fault("there is no \(path): copy the model's whole folder, not its \(fileName) alone")
      }
      return path
    }
    return nil
  }

  /// MLflow writes both lists as texts of JSON.
  private static func schema(_ value: YAMLValue?) throws(Fault) -> String? {
    guard let value, case .map = value.node.kind else { return nil }
    var members: [String] = []
    for name in ["inputs", "outputs"] {
      guard let list = value.entry(name), case .scalar(let text, _) = list.node.kind, text.hasPrefix("[") else {
        continue
      }
      members.append("\"\(name)\":\(text)")
    }
    let text = "{\(members.joined(separator: ","))}"
    return members.isEmpty || text.utf8.count > mostSchemaBytes ? nil : text
  }
}

extension YAMLValue {
  /// What a key of a group is set to; others, which differ from version to version of MLflow, are left alone.
  fileprivate func entry(_ key: String) -> YAMLValue? {
    guard case .map(let entries) = node.kind, let found = entries.first(where: { $0.key == key }) else { return nil }
    if case .scalar(let text, quoted: false) = found.node.kind, ["", "null", "~"].contains(text) { return nil }
    return YAMLValue(found.node, what: key, document: document)
  }
}
