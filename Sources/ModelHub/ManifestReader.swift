internal import Base
internal import Predictions
internal import Vision
internal import YAML

/// From the document to the value, field by field.
struct ManifestReader {
  enum Key: String, CaseIterable {
    case name, summary, license, task, source, files, network, precision, input, output, labels
  }

  enum FileKey: String, CaseIterable { case path, url, sha256, size }

  private let fields: YAMLFields<Key>

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    fields = try YAMLDocument.parse(bytes, name: name).value("the manifest").fields()
  }

  func manifest() throws(Fault) -> Manifest {
    let name = try fields.required(.name)
    let files = try self.files()
    let labels = try self.labels(files)
    let task: ModelTask = try fields.required(.task).choice()
    var recipe = Recipe(task: task, output: try OutputReader(try fields.required(.output), task: task).recipe())
    if let input = fields[.input] { recipe.input = try InputReader(input).recipe() }
    if case .list(let words) = labels { recipe.labels = words }
    return Manifest(
      name: try ManifestValues.name(name), summary: try fields.required(.summary).text(),
      license: try fields.required(.license).text(), source: try fields[.source].map(ManifestValues.address),
      files: files, network: try network(files), precision: try fields[.precision]?.choice() ?? .f32,
      labels: labels, recipe: recipe)
  }

  private func files() throws(Fault) -> [Manifest.File] {
    let list = try fields.required(.files)
    var files: [Manifest.File] = []
    for item in try list.items() {
      let keys = try item.fields(FileKey.self)
      let path = try ManifestValues.path(try keys.required(.path))
      if let url = keys[.url], keys[.sha256] == nil {
        throw url.fault("'\(path)' is fetched from an address, and needs 'sha256' to tell what comes from there")
      }
      guard !files.contains(where: { $0.path == path }) else {
        throw try keys.required(.path).fault("the file '\(path)' is listed twice")
      }
      files.append(
        Manifest.File(
          path: path, url: try keys[.url].map(ManifestValues.address),
          sha256: try keys[.sha256].map(ManifestValues.digest),
          byteCount: try keys[.size]?.wholeNumber(in: 1...1 << 40, example: 3_660_092)))
    }
    guard !files.isEmpty else { throw list.fault("files is empty, a model needs at least its network") }
    return files
  }

  /// The named file or folder, which must be among the files; without a name, the first file.
  private func network(_ files: [Manifest.File]) throws(Fault) -> String {
    guard let value = fields[.network] else { return files[0].path }
    let path = try ManifestValues.path(value)
    guard files.contains(where: { $0.path == path || $0.path.hasPrefix(path + "/") }) else {
      let hint = Suggestion.hint(for: path, among: files.map(\.path))
      throw value.fault("the network '\(path)' is not among the files\(hint)")
    }
    return path
  }

  private func labels(_ files: [Manifest.File]) throws(Fault) -> Manifest.Labels {
    guard let value = fields[.labels] else { return .list([]) }
    guard value.isList else { return .file(try ManifestValues.path(value)) }
    var words: [String] = []
    for item in try value.items() { words.append(try item.text()) }
    guard !words.isEmpty else { throw value.fault("labels is empty: list them, or take the key away") }
    return .list(words)
  }
}
