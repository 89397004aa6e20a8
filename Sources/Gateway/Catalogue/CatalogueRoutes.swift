internal import Access
internal import Base
internal import Insights
internal import Library
internal import Web

/// The products that the server knows, for people to look at.
///
/// It is the server's, like its models: the same for all clients.
enum CatalogueRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Catalogue",
    routes: [
      Route(
        catalogue: "/v1/catalogue", for: .read,
        Operation(
          "listCatalogue", "The products of the server's catalogue, by their ids",
          answer(json(schema("CataloguePage"))) + AssetRoutes.same,
          parameters: [words.documentation, LibraryQuery.limit.documentation, LibraryQuery.after.documentation],
          failures: [.notFound]), answer: list),
      Route(
        catalogue: "/v1/catalogue/{product}/picture", product, for: .read,
        Operation(
          "getCataloguePicture", "A picture of a product, at most 160 pixels long",
          answer(["image/jpeg": bytes("image/jpeg")]) + AssetRoutes.same, failures: [.notFound]),
        answer: picture),
    ], schemas: schemas)

  private static let product = PathParameter(
    "product", component: "ProductID", "A product's id.", pattern: "^[^/]{1,200}$")
  private static let words = LibraryQuery.word(
    "q", component: "ProductWords", "Only with these words in id, name or brand.")

  private static func list(_ shelf: CatalogueShelf, _ context: RequestContext) throws(Failure) -> Response {
    let query = try context.query()
    let (limit, after) = (try query(LibraryQuery.limit) ?? 50, try query(LibraryQuery.after))
    let words = (try query(words) ?? "").split(separator: " ").map(String.init)
    let found = words.isEmpty ? shelf.products : shelf.products.filter { $0.has(words) }
    let rest = after.map { after in found[found.partitioningIndex { $0.id > after }...] } ?? found[...]
    let page = rest.prefix(limit)
    let json = JSONWriter.object { json in
      json.field("model", shelf.model)
      json.field("count", found.count)
      json.array("products") { json in for product in page { json.object { write(product, into: &$0) } } }
      json.field("next", ifKnown: page.count < rest.count ? page.last?.id : nil)
    }
    return .tagged(EntityTag(Library.tag(of: json)), json, "application/json", headers: kept, for: context.request)
  }

  private static func write(_ product: CatalogueShelf.Product, into json: inout JSONWriter) {
    product.writeMembers(into: &json)
    json.field("provable", product.isProvable)
    json.field("picture", ifKnown: product.thumbnail.isEmpty ? nil : Library.tag(of: product.thumbnail))
  }

  private static func picture(
    _ shelf: CatalogueShelf, _ context: RequestContext, _ id: String
  ) throws(Failure) -> Response {
    guard let product = shelf[id] else { throw .notFound("the catalogue has no product '\(id)'") }
    guard !product.thumbnail.isEmpty else {
      throw .notFound("the catalogue keeps no picture of '\(id)': adding its pictures once more brings them")
    }
    // Whoever wrote the catalogue chose these bytes.
    let headers =
      kept + [("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "sandbox; default-src 'none'")]
    return .tagged(
      EntityTag(Library.tag(of: product.thumbnail)), product.thumbnail, "image/jpeg", headers: headers,
      for: context.request)
  }

  private static let kept = [("Cache-Control", "private, no-cache")]

  private static let schemas: Document = [
    "CataloguePage": object(
      [
        "model": about("The network of its embeddings, NAME@sha256:….", string),
        "count": about("All that were asked for, on this page or not.", count), "products": list(schema("Product")),
      ], optional: ["next": about("For after: where the next page begins; missing on the last.", string)]),
    "Product": object(
      [
        "id": string, "name": string, "pictures": about("The names of its pictures' files.", list(string)),
        "features": about("Local features of all its pictures.", count),
        "provable": about("Whether geometry can prove it: a picture of it has enough features for that.", flag),
      ],
      optional: [
        "brand": string, "url": about("As it was given: it may be no address.", string),
        "picture": about("Tag of its picture; missing where it has none.", string),
      ]),
  ]
}
