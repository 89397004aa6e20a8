internal import Access
internal import Base
internal import Execution
internal import Items
internal import Library
internal import Predictions
internal import Search
internal import Serving
internal import Vision
internal import Web

/// Films that show what words say, by a network of texts.
enum WordsRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Search",
    routes: [
      Route(
        library: .get, "/v1/search/words", for: .read, isSlow: true,
        Operation(
          "searchWords",
          "Moments of assets that show what words say, the most alike first; the key must be for infer too",
          answer(json(schema("WordsPage"))),
          parameters: [
            LibraryQuery.client.documentation, words.documentation, textModel.documentation,
            SimilarRoutes.model.documentation, SimilarRoutes.gap.documentation,
          ] + SimilarRoutes.shared, failures: [.notFound, .unsupported]),
        check: { (context) throws(Failure) in try mayAsk(context) }, answer: search)
    ], schemas: schemas)

  private static let words = LibraryQuery.word(
    "words", component: "SearchWords", "What the moments show, in words, such as people at a beach.")
  private static let textModel = LibraryQuery.word(
    "text_model", component: "TextModel",
    "Whose vector of the words is compared: the one network of texts that is served where it is left away.")

  /// Bytes of words, at most: more than any network takes.
  private static let mostBytes = 10_000

  private static func mayAsk(_ context: RequestContext) throws(Failure) {
    guard context.caller.scopes.allow(.infer) else {
      throw Failure(Fault(.denied, "a search by words asks a model: the key must be for infer too"))
    }
  }

  private static func search(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let ask = try SimilarRoutes.momentAsk(call, query)
    let (text, name, model) = (try query(words), try query(textModel), try query(SimilarRoutes.model))
    guard let text, text.utf8.count <= mostBytes else {
      throw Failure(Fault(.badInput, "words says what is looked for, in \(mostBytes) bytes at most"))
    }
    let answer = try call.perform { () throws(Fault) in
      let desk = VectorDesk(call.library)
      // What the caller may see comes first: of another's films nothing is told, whatever is served here.
      _ = try desk.network(nil, ask)
      let network = try texts(name, call.context)
      let models = call.context.models
      let example = try desk.example(
        words: text, by: network, model: model, ask,
        labels: { (network) throws(Fault) in try labels(of: network, isNamed: model != nil, models) },
        pictures: { (name) throws(Fault) in try identity(of: name, models) })
      return try desk.similar(to: example, ask)
    }
    return .json(JSONWriter.object(capacity: 1 << 14, answer.write))
  }

  /// The network of texts that is meant.
  private static func texts(_ name: String?, _ context: RequestContext) throws(Fault) -> ServedTexts {
    var found = try name.map { (name) throws(Fault) in [try context.models.find(name)] } ?? []
    if name == nil {
      let names = Set(context.models.served.filter(\.takesWords).map(\.model)).sorted()
      guard names.count < 2 else {
        throw Fault(
          .badInput,
          "this server has several networks of texts: say text_model, one of \(names.joined(separator: ", "))")
      }
      found = try names.map { (name) throws(Fault) in try context.models.find(name) }
    }
    guard let served = found.first else {
      throw Fault(
        .unsupported,
        "this server has no network of texts: put one among its models, with 'text:' in its manifest, as docs/search.md says under Words"
      )
    }
    guard let encoder = try served.textEncoder() else {
      throw Fault(
        .unsupported,
        "the model '\(served.model)' takes no words: a network of texts has 'text:' in its manifest, as docs/search.md says under Words"
      )
    }
    return ServedTexts(
      encoder: encoder, source: context.source,
      deadline: context.deadline(seconds: nil, from: context.request.receivedAt))
  }

  /// What the numbers of a network of embeddings are called; `nil` where they have no names.
  private static func labels(
    of network: String, isNamed: Bool, _ models: ModelRepository
  ) throws(Fault) -> [String]? {
    let name = String(network.prefix { $0 != "@" })
    let served: ServedVersion
    do throws(Fault) { served = try models.find(name) } catch {
      guard !isNamed, error.kind == .notFound else { throw error }
      return nil
    }
    guard let picture = served.picture, picture.recipe.task == .embedding, !picture.recipe.labels.isEmpty else {
      return nil
    }
    guard network.hasSameBytes(as: "\(served.model)@\(served.digest)") else {
      throw Fault(
        .conflict,
        "films have vectors of \(network), and '\(name)' is served here as another network, \(served.digest): what its numbers are called may be something else"
      )
    }
    return picture.recipe.labels
  }

  /// The network of this name as it is served, `NAME@sha256:…`; `nil` where it is not.
  private static func identity(of name: String, _ models: ModelRepository) throws(Fault) -> String? {
    do throws(Fault) {
      let served = try models.find(name)
      return "\(served.model)@\(served.digest)"
    } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
  }

  private static let schemas: Document = [
    "WordsPage": object(
      [
        "model": about("Whose vectors were compared, NAME@sha256:….", string),
        "words": about("What was looked for.", string),
        "textModel": about("Whose vector of the words was compared, NAME@sha256:….", string),
        "method": about(
          "How: with vectors of one space, or with what the labels of a classifier are called.",
          ["type": "string", "enum": ["joint", "concepts"]]),
        "found": about("The most alike first.", list(schema("WordsMoment"))),
        "compared": about("Vectors that were compared.", count),
        "films": about("Assets that had some of them.", count),
        "asOf": about("What was written up to this moment is found.", string),
      ],
      optional: [
        "cut": about("The words were more than the network takes, and those behind did not count.", flag),
        "unknown": about("Words that the network does not know at all.", list(string)),
        "incomplete": SearchRoutes.incomplete,
      ]),
    "WordsMoment": object(
      [
        "asset": string, "series": string, "similarity": about("The cosine, -1 to 1.", number),
        "time": about("Seconds of the best frame.", number),
        "from": about("Seconds of the first frame that is nearly as much alike.", number),
        "to": about("Seconds of the last one.", number), "at": about("When the best frame was.", string),
      ],
      optional: [
        "track": about("The object whose crop it is.", count),
        "because": about(
          "Labels of the best frame that have most to do with it, where method is concepts.",
          list(
            object([
              "label": string,
              "share": about("How probable it is among the labels that count, 0 to 1.", number),
              "similarity": about("The cosine of its name and the words.", number),
            ]))),
      ]),
  ]
}

/// A network of texts that is served, asked for one caller.
private struct ServedTexts: TextNetwork {
  let encoder: TextEncoder
  let source: String
  let deadline: UInt64

  var identity: String { encoder.identity }
  var pictures: String? { encoder.pictures }

  func vectors(of texts: [String]) throws(Fault) -> [TextVector] {
    try encoder.encode(texts, source: source, deadline: deadline).map {
      TextVector(numbers: $0.vector, isCut: $0.isCut, unknown: $0.unknown)
    }
  }
}
