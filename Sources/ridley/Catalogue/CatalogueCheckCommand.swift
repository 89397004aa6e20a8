import Base
import Execution
import Features
import Insights

/// Which products a picture shows, and how sure that is: for trying a catalogue out.
struct CatalogueCheckCommand: Command {
  let path = ["catalogue", "check"]
  let summary = "Say which products of a catalogue a picture shows"
  let positionals = [Positional(name: "picture", help: "a picture, or a film of which the first frame is taken")]
  let options =
    [
      CataloguePlace.option, CataloguePlace.modelOption,
      .value("inliers", "N", "features that have to agree for a proof (default \(ProductSettings().inliers))"),
      .value("similarity", "0..1", "least cosine where there is no proof (default \(ProductSettings().similarity))"),
      .value("margin", "0..1", "how much nearer than the next product (default \(ProductSettings().margin))"),
      .value(
        "side", "N", "pixels of the longest side in which features are looked for (default \(ProductSettings().side))"),
      .flag("json", "print one JSON object"),
    ] + ModelOptions.all
  let examples = ["ridley catalogue check shelf.jpg", "ridley catalogue check shelf.jpg --inliers 25 --json"]

  var isContained: Bool { true }

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let settings = try settings(arguments)
    let catalogue = try CataloguePlace(arguments).store.read()
    let look = try CatalogueLook(try CataloguePlace.load(arguments, for: catalogue), settings)
    let finder = try ProductFinder(catalogue, settings)
    let picture = arguments.positionals[0]
    let match: ProductMatch
    do throws(Fault) {
      let seen = try look.see(picture)
      match = try finder.look(at: seen.frame, embedding: seen.embedding)
    } catch { throw error.at(FileName.shown(picture)) }
    try Terminal.print(arguments.has("json") ? json(match, look.note) : text(match, catalogue))
    if let note = look.note, !arguments.has("json") { Terminal.complain("ridley: \(note)\n") }
    return .success
  }

  private func settings(_ arguments: Arguments) throws(Fault) -> ProductSettings {
    var settings = ProductSettings()
    settings.inliers = try arguments.integer("inliers", in: 8...10_000) ?? settings.inliers
    settings.similarity = try arguments.number("similarity", in: 0...1) ?? settings.similarity
    settings.margin = try arguments.number("margin", in: 0...1) ?? settings.margin
    settings.side = try arguments.integer("side", in: 64...4096) ?? settings.side
    return settings
  }

  private func text(_ match: ProductMatch, _ catalogue: Catalogue) -> String {
    var text = match.instances.isEmpty ? "no product that is sure\n" : ""
    for one in match.instances {
      let proof =
        one.method == .geometry ? "proven by \(one.inliers) features" : "alike (\(Self.short(one.similarity)))"
      let sides = [one.box.x, one.box.y, one.box.width, one.box.height].map { Self.short(Float($0)) }
      text += "\(one.product)  \(proof), at [\(sides.joined(separator: ", "))]\n"
    }
    if let doubt = match.doubt { text += "in doubt: \(doubt)\n" }
    var table = Table([("nearest", .left), ("similarity", .right), ("features that agree", .right)])
    for candidate in match.candidates {
      table.add([candidate.product, Self.short(candidate.similarity), candidate.inliers.map(String.init) ?? "–"])
    }
    return text + table.text
  }

  private static func short(_ value: Float) -> String { NumberFormat.fixed(Double(value), 3) }

  private func json(_ match: ProductMatch, _ note: String?) -> String {
    JSONText.line { json in
      json.array("products") { json in
        for instance in match.instances { json.object { instance.writeMembers(into: &$0) } }
      }
      json.field("doubt", match.doubt)
      json.array("nearest") { json in
        for candidate in match.candidates {
          json.object { json in
            json.field("productId", candidate.product)
            json.field("similarity", Double(candidate.similarity))
            json.field("inliers", candidate.inliers)
          }
        }
      }
      json.field("note", ifKnown: note)
    }
  }
}
