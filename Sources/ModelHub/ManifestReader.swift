internal import Base
internal import Predictions
internal import Vision
internal import YAML

/// From the document to the value, field by field; all that is wrong with it is told in one fault.
struct ManifestReader {
  enum Key: String, CaseIterable {
    case name, summary, license, task, source, make, files, network, precision, engine, input, output, outputs, labels,
      text
  }

  enum FileKey: String, CaseIterable { case path, url, sha256, size }

  private let fields: DiagnosticFields<Key>
  private var diagnostics: Diagnostics

  init(_ bytes: [UInt8], name: String) throws(Fault) {
    let value = try YAMLDocument.parse(bytes, name: name).value("the manifest")
    diagnostics = Diagnostics(document: name)
    guard case .map = value.node.kind else { throw value.unfit("a group of keys") }
    fields = DiagnosticFields(value, &diagnostics)
  }

  func manifest() throws(Fault) -> Manifest {
    var found = diagnostics
    let name = fields.required(.name, &found, ManifestValues.name)
    let summary = fields.required(.summary, &found) { (value) throws(Fault) in try value.text() }
    let license = fields.required(.license, &found) { (value) throws(Fault) in try value.text() }
    let task: ModelTask? = fields.required(.task, &found) { (value) throws(Fault) in try value.choice() }
    let source = fields.value(.source, &found, ManifestValues.address)
    let make = fields.value(.make, &found, ManifestValues.command)
    let files = self.files(&found)
    var network: String?
    if let files { network = self.network(files, &found) }
    let precision: Precision? = fields.value(.precision, &found) { (value) throws(Fault) in try value.choice() }
    let engine: EngineChoice? = fields.value(.engine, &found) { (value) throws(Fault) in try value.choice() }
    let labels: Manifest.Labels = fields.value(.labels, &found, Self.labels) ?? Manifest.Labels.list([])
    let recipe = self.recipe(task, labels, &found)
    let words = fields[.text].flatMap { TextReader($0, &found).recipe(files ?? [], recipe, &found) }
    if let fault = found.fault { throw fault }
    guard let name, let summary, let license, let files, let network, let recipe else {
      throw Fault(.bug, "a manifest lacks what no diagnostic told of")
    }
    var manifest = Manifest(
      name: name, summary: summary, license: license, source: source, make: make, files: files,
      network: network, precision: precision ?? .f32, engine: engine ?? .auto, labels: labels, recipe: recipe)
    manifest.words = words
    return manifest
  }

  private func recipe(_ task: ModelTask?, _ labels: Manifest.Labels, _ found: inout Diagnostics) -> Recipe? {
    var (output, more): (OutputRecipe?, [Recipe.Part]) = (nil, [])
    if let value = fields[.output] {
      output = OutputReader(value, &found).recipe(for: task, &found)
      if let outputs = fields[.outputs] {
        found.add(outputs, "output and outputs exclude each other: list all in outputs")
      }
    } else if fields[.outputs] != nil {
      (output, more) = outputs(task, &found)
    } else {
      found.add(fields.owner, "the key 'output' is missing in the manifest")
    }
    var input = output.map { InputRecipe.usual($0.decoder) } ?? InputRecipe()
    if let value = fields[.input] { input = InputReader(value, &found).recipe(over: input, &found) }
    for part in [output].compactMap({ $0 }) + more.map(\.output) where part.decoder == .boundary && input.window == nil
    {
      found.add(
        fields[.input] ?? fields.owner,
        "decoder boundary reads numbers for each frame of a window: say how many frames the network is shown, input: {window: 100, step: 50, keep: 25..74}"
      )
    }
    guard let task, let output else { return nil }
    var recipe = Recipe(task: task, input: input, output: output)
    recipe.more = more
    if case .list(let words) = labels { recipe.labels = words }
    return recipe
  }

  /// The answer that the task and the manifest's labels belong to, and others with labels of their own.
  private func outputs(_ task: ModelTask?, _ found: inout Diagnostics) -> (OutputRecipe?, [Recipe.Part]) {
    let items = fields.value(.outputs, &found) { (value) throws(Fault) in try value.items() }
    guard let items else { return (nil, []) }
    guard let first = items.first else {
      found.add(fields.owner, "outputs is empty, a network needs at least one")
      return (nil, [])
    }
    let output = OutputReader(first, &found).recipe(for: task, &found)
    return (output, items.dropFirst().compactMap { OutputReader($0, &found).part(&found) })
  }

  /// `nil` where one of them could not be read.
  private func files(_ found: inout Diagnostics) -> [Manifest.File]? {
    guard let list = fields.required(.files, &found, { (value) throws(Fault) in (value, try value.items()) }) else {
      return nil
    }
    var files: [Manifest.File] = []
    for item in list.1 {
      guard let file = file(item, &found) else { continue }
      if files.contains(where: { $0.path == file.path }), let path = try? item.fields(FileKey.self)[.path] {
        found.add(path, "the file '\(file.path)' is listed twice")
      }
      files.append(file)
    }
    if list.1.isEmpty { found.add(list.0, "files is empty, a model needs at least its network") }
    return files.isEmpty || files.count < list.1.count ? nil : files
  }

  private func file(_ item: YAMLValue, _ found: inout Diagnostics) -> Manifest.File? {
    let keys = DiagnosticFields<FileKey>(item, &found)
    let path = keys.required(.path, &found, ManifestValues.path)
    let digest = keys.value(.sha256, &found, ManifestValues.digest)
    let url = keys.value(.url, &found, ManifestValues.address)
    if let path, url != nil, let fields = try? item.fields(FileKey.self), fields[.sha256] == nil,
      let address = fields[.url]
    {
      found.add(address, "'\(path)' is fetched from an address, and needs 'sha256' to tell what comes from there")
    }
    let size = keys.value(.size, &found) { (value) throws(Fault) in
      try value.wholeNumber(in: 1...1 << 40, example: 3_660_092)
    }
    guard let path else { return nil }
    return Manifest.File(path: path, url: url, sha256: digest, byteCount: size)
  }

  /// The named file or folder, which must be among the files; without a name, the first file.
  private func network(_ files: [Manifest.File], _ found: inout Diagnostics) -> String? {
    guard fields[.network] != nil else { return files[0].path }
    return fields.value(.network, &found) { (value) throws(Fault) in
      let path = try ManifestValues.path(value)
      guard files.contains(where: { $0.path == path || $0.path.hasPrefix(path + "/") }) else {
        let hint = Suggestion.hint(for: path, among: files.map(\.path))
        throw value.fault("the network '\(path)' is not among the files\(hint)")
      }
      return path
    }
  }

  private static func labels(_ value: YAMLValue) throws(Fault) -> Manifest.Labels {
    guard value.isList else { return .file(try ManifestValues.path(value)) }
    return .list(try ManifestValues.words(value))
  }
}
