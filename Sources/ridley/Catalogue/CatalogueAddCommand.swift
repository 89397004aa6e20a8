import Base
import Crypto
import Execution
import Features
import Insights
import Isolation
import Media
import MediaProcess

/// Adds products by pictures of them.
struct CatalogueAddCommand: Command {
  let path = ["catalogue", "add"]
  let summary = "Add products to a catalogue by pictures of them"
  let positionals = [
    Positional(
      name: "pictures",
      help: "folders, one a product with its pictures (more of it in 'examples'), or pictures, one a product",
      repeats: true)
  ]
  let options =
    [
      CataloguePlace.option, CataloguePlace.modelOption,
      .value("id", "ID", "all pictures are of this product"),
      .value("name", "TEXT", "what people call it (with --id)"),
      .value("brand", "TEXT", "whose it is (with --id)"),
      .value("url", "ADDRESS", "a page about it (with --id)"),
      .flag("examples", "photographs from life: what else they show is no proof of the product"),
      .flag("json", "print one JSON object"),
      .flag("quiet", "print nothing but errors"),
    ] + ModelOptions.all
  let examples = [
    "ridley catalogue add shelf/", "ridley catalogue add cola.png --id cola --name \"Cola 33 cl\" --brand Acme",
    "ridley catalogue add seen-in-shop/ --id cola --examples",
  ]

  var isContained: Bool { true }
  var endsWhenAsked: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let described = ["name", "brand", "url"].first { arguments[$0] != nil }
    if let described, arguments["id"] == nil {
      throw arguments.refusal("--\(described) is of one product: say --id too")
    }
    let shelf = try ShelfFolder(arguments.positionals, id: arguments["id"], areFromLife: arguments.has("examples"))
    let place = try CataloguePlace(arguments)
    let model = try CataloguePlace.load(arguments, for: try place.store.readIfThere())
    var look = try CatalogueLook(model)
    let examples = try read(shelf, &look, ProgressBar("catalogue", isQuiet: arguments.has("quiet")))
    let (count, before) = try place.store.update { (catalogue) throws(Fault) in
      var changed = catalogue ?? Catalogue(model: model.identity)
      guard changed.products.isEmpty || changed.model == model.identity else {
        throw Fault(.conflict, "the catalogue was made anew with \(changed.model) meanwhile: run this again")
      }
      // One that lost its last product takes any network.
      if changed.products.isEmpty { changed = Catalogue(model: model.identity) }
      let before = changed.products.reduce(0) { $0 + $1.examples.count }
      for (id, pictures) in examples {
        try changed.add(pictures, to: id, name: arguments["name"], brand: arguments["brand"], url: arguments["url"])
      }
      catalogue = changed
      return (changed, before)
    }
    if !arguments.has("quiet") { try tell(count, before, examples, look, place, arguments) }
    return .success
  }

  /// In the order in which products come first.
  private func read(
    _ shelf: ShelfFolder, _ look: inout CatalogueLook, _ bar: ProgressBar
  ) throws(Fault) -> [(id: String, examples: [Catalogue.Example])] {
    defer { bar.clear() }
    var (places, all) = ([String: Int](), [(id: String, examples: [Catalogue.Example])]())
    for (number, picture) in shelf.pictures.enumerated() {
      bar.show(share: Double(number) / Double(shelf.pictures.count), detail: "looking at \(picture.name)")
      guard !Interrupt.isAsked else { throw Fault(.closed, "stopped: the catalogue is as it was") }
      SharedFlags.beat()
      let example = try look.example(picture.path, name: picture.name, isFromLife: picture.isFromLife)
      if let place = places[picture.product] {
        all[place].examples.append(example)
      } else {
        places[picture.product] = all.count
        all.append((picture.product, [example]))
      }
    }
    return all
  }

  private func tell(
    _ catalogue: Catalogue, _ before: Int, _ added: [(id: String, examples: [Catalogue.Example])],
    _ look: CatalogueLook, _ place: CataloguePlace, _ arguments: Arguments
  ) throws(Fault) {
    let given = added.reduce(0) { $0 + $1.examples.count }
    let taken = catalogue.products.reduce(0) { $0 + $1.examples.count } - before
    let notes = notes(catalogue, added, look)
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.field("catalogue", place.store.folder)
          json.field("model", catalogue.model)
          json.field("added", added.map(\.id))
          json.field("pictures", taken)
          json.field("products", catalogue.products.count)
          json.field("notes", notes)
        })
      return
    }
    let twice = given > taken ? " (\(given - taken) were there already)" : ""
    try Terminal.print(
      "added     \(CataloguePlace.products(added.count)), \(taken) pictures\(twice)\ncatalogue \(place.store.folder): \(CataloguePlace.products(catalogue.products.count))\nmodel     \(catalogue.model)\n"
    )
    for note in notes { Terminal.complain("ridley: \(note)\n") }
  }

  /// What the user should know of the products, a sentence each.
  private func notes(
    _ catalogue: Catalogue, _ added: [(id: String, examples: [Catalogue.Example])], _ look: CatalogueLook
  ) -> [String] {
    var notes = [look.note].compactMap { $0 }
    let plain = added.filter { entry in
      look.note == nil
        && !(catalogue[entry.id]?.examples.contains { ($0.features?.count ?? 0) >= Catalogue.provingFeatures } ?? false)
    }
    if !plain.isEmpty {
      notes.append(
        "too little texture for a proof, so embeddings alone tell them: \(Self.list(plain.map(\.id)))")
    }
    if !look.transparent.isEmpty {
      notes.append(
        "transparent parts are seen in the colour that the file holds behind them: save these on the ground that the product is seen on: \(Self.list(look.transparent))"
      )
    }
    return notes
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
