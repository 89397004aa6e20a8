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
    let catalogue = try CataloguePlace(arguments).store.read()
    try Terminal.print(arguments.has("json") ? json(catalogue) : table(catalogue))
    return .success
  }

  private func table(_ catalogue: Catalogue) -> String {
    guard !catalogue.products.isEmpty else { return "no products yet: 'ridley catalogue add' adds some\n" }
    var table = Table([("id", .left), ("pictures", .right), ("features", .right), ("brand", .left), ("name", .left)])
    for product in catalogue.products {
      table.add([
        product.id, String(product.examples.count), String(product.featureCount), product.brand ?? "", product.name,
      ])
    }
    return table.text + "\(CataloguePlace.products(catalogue.products.count)); embeddings of \(catalogue.model)\n"
  }

  private func json(_ catalogue: Catalogue) -> String {
    JSONText.line { json in
      json.field("model", catalogue.model)
      json.array("products") { json in
        for product in catalogue.products {
          json.object { json in
            json.field("id", product.id)
            json.field("name", product.name)
            json.field("brand", ifKnown: product.brand)
            json.field("url", ifKnown: product.url)
            json.field("pictures", product.examples.map(\.name))
            json.field("features", product.featureCount)
          }
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

extension Catalogue.Product {
  /// Of all pictures that can prove it.
  var featureCount: Int { examples.reduce(0) { $0 + ($1.features?.count ?? 0) } }
}
