import Base
import Catalog
import Execution
import Inference
import Library
import Loading
import MediaProcess
import Objects
import Search
import SearchLanguage

/// What a search by likeness asks of a library here or behind a server.
struct SimilarAsk {
  enum Example {
    case moment(asset: String, seconds: Double)
    /// A file.
    case picture(String)
    case words(String)
  }

  /// `nil` for near-duplicates.
  let example: Example?
  let client: String
  let text: String?
  let zone: String?
  let limit: Int
  let least: Double?
  let gap: Double?
  let model: String?
  /// The network of texts.
  let textModel: String?
  let series: String?
  let arguments: Arguments

  static let options: [Option] =
    [
      .value("picture", "FILE", "find what looks like a picture"),
      .value("words", "TEXT", "find what words say, such as 'people at a beach'; wants a network of texts"),
      .value("text-model", "NAME", "with --words: the network of texts (default: the one that there is)"),
      .value(
        "gap", "TIME",
        "with --like, --picture or --words: frames that lie so near to each other are one result (default 5s)"),
    ] + vectorOptions

  static let vectorOptions: [Option] = [
    .value("model", "NAME", "whose vectors are compared (default: the network that gave the most)"),
    .value("models", "FOLDER", "look for models in this folder first"),
    .value("series", "NAME", "with --like, --picture or --words: only of analyses of this pipeline"),
    .value("least", "-1..1", "leave out what is less alike"),
  ]

  /// `nil` where nothing is asked by likeness.
  init?(_ arguments: Arguments, in library: any LibraryAccess) throws(Fault) {
    let (like, picture, words) = (arguments["like"], arguments["picture"], arguments["words"])
    guard [like, picture, words].count(where: { $0 != nil }) < 2 else {
      throw Fault(.usage, "say one of --like, --picture and --words")
    }
    guard let example = try like.map(Self.moment) ?? picture.map({ .picture($0) }) ?? words.map({ .words($0) }) else {
      return nil
    }
    try self.init(arguments, example, text: arguments.positionals.first, in: library)
  }

  init(_ arguments: Arguments, _ example: Example?, text: String?, in library: any LibraryAccess) throws(Fault) {
    (self.example, self.text, self.arguments) = (example, text, arguments)
    (zone, model, series) = (SearchCommand.zone(arguments), arguments["model"], arguments["series"])
    textModel = arguments["text-model"]
    client = try GroupOptions.group(arguments, in: library).client
    limit = try arguments.integer("limit", in: 1...1000) ?? 50
    least = try arguments.number("least", in: -1...1)
    gap = try arguments.seconds("gap", orZero: true)
  }

  private static func moment(_ text: String) throws(Fault) -> Example {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { return .moment(asset: text, seconds: 0) }
    guard let seconds = Units.seconds(parts[1], orPlain: true), seconds >= 0 else {
      throw Fault(.usage, "--like takes an asset and a time of it, such as 01J…@12.4s, not '\(text)'")
    }
    return .moment(asset: parts[0], seconds: seconds)
  }

  /// That there is none is told before anything is asked.
  func checkPicture() throws(Fault) {
    guard case .picture(let path)? = example, !FileSystem.isThere(path) else { return }
    throw Fault(.notFound, "there is no file \(path)")
  }

  func desk(_ library: Library) throws(Fault) -> (desk: VectorDesk, ask: VectorDesk.Ask) {
    var ask = VectorDesk.Ask(client: client, scope: .all)
    (ask.limit, ask.series) = (limit, series)
    ask.least = least ?? (example == nil ? VectorDesk.duplicate : -1)
    ask.gap = gap ?? ask.gap
    if let text {
      ask.filter = try SearchQuery(
        parsing: text, at: library.now, in: try zone.map { (zone) throws(Fault) in try TimeRules.named(zone) } ?? .utc)
    }
    return (VectorDesk(library), ask)
  }

  /// What is behind the question mark for a server.
  var query: [(name: String, value: String?)] {
    [
      ("client", client), ("q", text), ("time_zone", text == nil ? nil : zone), ("limit", "\(limit)"),
      ("least", least.map { "\($0)" }), ("model", model), ("series", series),
    ]
  }
}

extension LocalLibrary {
  func similar(_ ask: SimilarAsk) throws(Fault) -> [UInt8] {
    try settleMoments()
    let (desk, asked) = try ask.desk(library)
    try ask.checkPicture()
    let example: VectorDesk.Example
    switch ask.example! {
    case .moment(let id, let seconds): example = try desk.example(id, at: seconds, network: ask.model, asked)
    case .picture(let path): example = try look(at: path, desk, asked, ask)
    case .words(let text): example = try WordsLookup(ask.arguments).example(text, desk, asked, ask)
    }
    return JSONWriter.object(capacity: 1 << 14, try desk.similar(to: example, asked).write)
  }

  func duplicates(_ ask: SimilarAsk) throws(Fault) -> [UInt8] {
    try settleMoments()
    let (desk, asked) = try ask.desk(library)
    return JSONWriter.object(
      capacity: 1 << 14, try desk.duplicates(desk.network(ask.model, asked), asked).write)
  }

  private func look(
    at path: String, _ desk: VectorDesk, _ asked: VectorDesk.Ask, _ ask: SimilarAsk
  ) throws(Fault) -> VectorDesk.Example {
    let network = try desk.network(ask.model, asked)
    let engine = try Engine.ofProgram(cacheFolder: EngineCache.standard.folder)
    let model = try ModelOptions.resolver(ask.arguments, on: engine).find(String(network.prefix { $0 != "@" }))
    let loaded = try LoadedModel(model, on: engine)
    try desk.check(loaded.identity, asked)
    let seen: PictureEmbedder.Seen
    do throws(Fault) { seen = try PictureEmbedder(loaded, MediaPool(limit: 1)).look(atPath: path) } catch {
      throw error.at(path)
    }
    return try VectorDesk.Example(network: loaded.identity, numbers: seen.embedding)
  }

  private func settleMoments() throws(Fault) {
    guard try MomentDesk(library).settle(within: 600, complain: { Terminal.complain(of: $0) }) else {
      throw Fault(.unavailable, "the moments lag behind what others write: search once more")
    }
  }
}

extension RemoteLibrary {
  func similar(_ ask: SimilarAsk) throws(Fault) -> [UInt8] {
    try ask.checkPicture()
    let gap = [("gap", ask.gap.map { "\($0)" })] as [(name: String, value: String?)]
    switch ask.example! {
    case .moment(let id, let seconds):
      return try server.get(
        "GET", "/v1/search/similar", ask.query + gap + [("asset", id), ("time", "\(seconds)")])
    case .words(let text):
      return try server.get(
        "GET", "/v1/search/words", ask.query + gap + [("words", text), ("text_model", ask.textModel)])
    case .picture(let path):
      let bytes = try FileSystem.read(path, limit: 1 << 30)
      let answer = try server.ask(
        "POST", "/v1/search/similar", ask.query + gap, headers: [("Content-Type", "application/octet-stream")],
        body: .bytes(bytes))
      guard answer.status == 200 else { throw server.fault(answer) }
      return answer.body
    }
  }

  func duplicates(_ ask: SimilarAsk) throws(Fault) -> [UInt8] {
    try server.get("GET", "/v1/search/duplicates", ask.query)
  }
}
