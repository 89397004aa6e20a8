internal import Base
internal import Insights
internal import YAML

extension PipelineReader {
  enum ProductsKey: String, CaseIterable {
    case of, catalogue, inliers, coverage, clearance, similarity, margin, candidates, side, features, gap
  }

  /// Without `of` the network is the one that the catalogue was made with, which becomes a step of its own.
  mutating func products(_ value: YAMLValue, _ pipeline: inout Pipeline) -> Pipeline.Products? {
    places[.products] = value.node.place
    let fields = DiagnosticFields<ProductsKey>(value, &diagnostics)
    guard let catalogue = catalogue(fields) else { return nil }
    var of: Int?
    if let named = fields[.of] {
      of = step(named, among: pipeline.infer, "a network for embeddings")
    } else {
      of = addNetwork(of: catalogue, fields[.catalogue] ?? value, &pipeline)
    }
    guard let of else { return nil }
    var products = Pipeline.Products(of: of, catalogue: catalogue)
    settings(&products.settings, fields)
    fields.set(&products.gap, .gap, &diagnostics) { (value) throws(Fault) in
      try ValueReaders.seconds(value, in: 0...3600)
    }
    return products
  }

  /// The folder, from the root on; that of ridley's home where none is named.
  private mutating func catalogue(_ fields: DiagnosticFields<ProductsKey>) -> String? {
    guard let named = fields[.catalogue] else {
      if let home = Home.folder { return FileSystem.absolute("\(home)/catalogue") }
      diagnostics.add(fields.owner, "there is no home for a catalogue: name its folder with catalogue: FOLDER")
      return nil
    }
    guard let text = diagnostics.attempt(named, ValueReaders.text) else { return nil }
    if text.hasPrefix("/") { return text }
    guard let folder else {
      diagnostics.add(named, "the folder of a catalogue is named from the root on here, in place of '\(text)'")
      return nil
    }
    return FileSystem.absolute(Self.path(text, from: folder))
  }

  private mutating func addNetwork(of catalogue: String, _ value: YAMLValue, _ pipeline: inout Pipeline) -> Int? {
    guard folder != nil else {
      diagnostics.add(value, "the network of the catalogue is named here, with of: STEP")
      return nil
    }
    let model = diagnostics.attempt(value) { (value) throws(Fault) in
      let file = CatalogueFile.path(in: catalogue)
      guard FileSystem.kind(of: file) == .file else {
        throw value.fault("there is no catalogue in \(catalogue): 'ridley catalogue add PICTURES' makes one")
      }
      do throws(Fault) {
        // A catalogue may be large, and this is read wherever the pipeline is.
        let head = 0..<min(try FileSystem.byteCount(of: file), CatalogueFile.headLength)
        return try CatalogueFile.network(try FileSystem.read(file, part: head))
      } catch { throw value.fault(error.message) }
    }
    guard let model else { return nil }
    var step = Pipeline.Infer(name: model, model: model)
    step.every = 0.5
    let place = pipeline.infer.count
    if pipeline.infer.contains(where: { $0.name == model }) { step.name = "products" }
    places[.model(place)] = value.node.place
    pipeline.infer.append(step)
    return place
  }

  private mutating func settings(_ settings: inout ProductSettings, _ fields: DiagnosticFields<ProductsKey>) {
    fields.set(&settings.inliers, .inliers, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 8...10_000, example: 15)
    }
    for (key, path) in [
      (ProductsKey.coverage, \ProductSettings.coverage), (.clearance, \.clearance), (.similarity, \.similarity),
      (.margin, \.margin),
    ] {
      fields.set(&settings[keyPath: path], key, &diagnostics) { (value) throws(Fault) in
        try ValueReaders.share(value, in: 0...1)
      }
    }
    if let candidates = fields[.candidates] {
      if case .scalar("all", _) = candidates.node.kind {
        settings.candidates = nil
      } else {
        fields.set(&settings.candidates, .candidates, &diagnostics) { (value) throws(Fault) in
          try value.wholeNumber(in: 1...1_000_000, example: 40)
        }
      }
    }
    fields.set(&settings.side, .side, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 64...4096, example: 480)
    }
    fields.set(&settings.features, .features, &diagnostics) { (value) throws(Fault) in
      try value.wholeNumber(in: 50...10_000, example: 600)
    }
  }
}
