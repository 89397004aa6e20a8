import Base
import Features
import Insights

/// Which products a catalogue has.
struct CatalogueListCommand: Command {
  let path = ["catalogue", "list"]
  let summary = "List the products of a catalogue"
  let positionals: [Positional] = []
  let options = [CataloguePlace.option, .flag("json", "print one JSON object")]
  let examples = ["ridley catalogue list", "ridley catalogue list --catalogue shelf --json"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let shelf = try CataloguePlace(arguments).store.shelf()
    try Terminal.print(arguments.has("json") ? json(shelf) : table(shelf))
    return .success
  }

  private func table(_ shelf: CatalogueShelf) -> String {
    guard !shelf.products.isEmpty else { return "no products yet: 'ridley catalogue add' adds some\n" }
    var table = Table([("id", .left), ("pictures", .right), ("features", .right), ("brand", .left), ("name", .left)])
    for product in shelf.products {
      table.add([
        product.id, String(product.pictures.count), String(product.features), product.brand ?? "", product.name,
      ])
    }
    return table.text + "\(CataloguePlace.products(shelf.products.count)); embeddings of \(shelf.model)\n"
  }

  private func json(_ shelf: CatalogueShelf) -> String {
    JSONText.line { json in
      json.field("model", shelf.model)
      json.array("products") { json in
        for product in shelf.products {
          json.object { product.writeMembers(into: &$0) }
        }
      }
    }
  }
}

/// Takes products out.
struct CatalogueRemoveCommand: Command {
  let path = ["catalogue", "remove"]
  let summary = "Take products out of a catalogue"
  let positionals = [Positional(name: "id", help: "a product of 'ridley catalogue list'", repeats: true)]
  let options = [CataloguePlace.option, .flag("quiet", "print nothing but errors")]
  let examples = ["ridley catalogue remove cola"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let store = try CataloguePlace(arguments).store
    _ = try store.read()
    let count = try store.update { (catalogue) throws(Fault) in
      for id in arguments.positionals where catalogue?.remove(id) != true {
        let known = catalogue?.products.map(\.id) ?? []
        throw Fault(
          .notFound,
          "the catalogue has no product '\(id)'\(Suggestion.hint(for: id, among: known)); nothing was taken out")
      }
      return catalogue?.products.count ?? 0
    }
    if !arguments.has("quiet") {
      try Terminal.print(
        "removed   \(arguments.positionals.joined(separator: ", "))\ncatalogue \(store.folder): \(CataloguePlace.products(count))\n"
      )
    }
    return .success
  }
}
