import Base
import Catalog
import Items
import Library

/// What a trial looks at: files, assets of a library, or what was recorded of a stream.
struct TrialFootage {
  private(set) var files: [TrialPlan.File] = []
  /// By place: the asset that a file is.
  private(set) var assets: [Int: Asset] = [:]
  private(set) var notes: [String] = []

  static let help =
    "a film or picture, a folder, a quoted pattern; library:client=NAME[,last=7d][,brand=…][,tags=…][,kind=picture]; or stream:NAME,last=1h, what was recorded of it"

  init(_ words: [String], _ arguments: Arguments, besides work: String) throws(Fault) {
    var plain: [String] = []
    for word in words {
      if word.hasPrefix("library:") {
        try addAssets(try Self.conditions(word, of: "library:", arguments), arguments)
      } else if word.hasPrefix("stream:") {
        try addStream(word, arguments)
      } else {
        plain.append(word)
      }
    }
    if !plain.isEmpty { try addFiles(plain, besides: work) }
    guard !files.isEmpty else {
      throw Fault(.notFound, "there is nothing to look at: '\(words.joined(separator: " "))' gives no film or picture")
    }
  }

  private mutating func addFiles(_ words: [String], besides work: String) throws(Fault) {
    let inputs = try InputFiles(words, besides: work)
    notes += inputs.notes
    for file in inputs.files {
      guard let path = file.plainPath else {
        throw Fault(
          .unsupported, "\(file.shown) is looked at more than once: give a file of this machine, with a name in UTF-8")
      }
      files.append(TrialPlan.File(path: path, name: path, shown: file.shown))
    }
  }

  private mutating func add(_ asset: Asset, _ library: Library) throws(Fault) {
    guard asset.hasBytes else {
      let reason = asset.node.map { "are at the node \($0)" } ?? "were removed by the rules of keeping"
      notes.append("Left out: \(asset.name) (\(asset.id)), whose pictures \(reason).")
      return
    }
    assets[files.count] = asset
    files.append(
      TrialPlan.File(
        path: try library.file(of: asset), name: asset.id.text, shown: "\(asset.name) (\(asset.id.text))"))
  }

  private mutating func addAssets(_ wanted: [String: String], _ arguments: Arguments) throws(Fault) {
    let library = try LibraryPlace.open(arguments)
    var filter = AssetFilter(client: wanted["client"] ?? GroupOptions.usualClient)
    filter.group = AssetGroup(
      client: wanted["client"] ?? GroupOptions.usualClient, brand: wanted["brand"], campaign: wanted["campaign"])
    filter.tags = wanted["tags"].map { $0.split(separator: "+").map(String.init) } ?? []
    filter.isPicture = wanted["kind"].map { $0 == "picture" }
    filter.from = try Self.last(wanted, arguments).map { library.now - $0 }
    var token: PageToken?
    repeat {
      let page = try library.list(filter, scope: .all, limit: 1000, after: token)
      for asset in page.elements { try add(asset, library) }
      token = page.next
    } while token != nil
  }

  private mutating func addStream(_ word: String, _ arguments: Arguments) throws(Fault) {
    let parts = word.split(separator: ",", maxSplits: 1).map(String.init)
    let stream = String(parts[0].dropFirst("stream:".count))
    let wanted = try Self.conditions("stream:" + (parts.count > 1 ? parts[1] : ""), of: "stream:", arguments)
    let library = try LibraryPlace.open(arguments)
    let last = try Self.last(wanted, arguments) ?? 3_600_000
    var token: PageToken?
    repeat {
      let page = try library.recordings(
        of: stream, .continuous, client: wanted["client"] ?? GroupOptions.usualClient, scope: .all,
        in: max(0, library.now - last)...library.now, after: token)
      for asset in page.elements { try add(asset, library) }
      token = page.next
    } while token != nil
    guard !assets.isEmpty else {
      throw Fault(
        .notFound, "nothing was recorded of the stream '\(stream)' in that time: see 'ridley help watch' for recording")
    }
  }

  /// What may be said of assets, and of a stream.
  private static let known = [
    "library:": ["client", "brand", "campaign", "tags", "kind", "last"], "stream:": ["client", "last"],
  ]

  private static func conditions(
    _ word: String, of kind: String, _ arguments: Arguments
  ) throws(Fault) -> [String: String] {
    var conditions: [String: String] = [:]
    let known = Self.known[kind] ?? []
    for part in word.dropFirst(kind.count).split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, known.contains(sides[0]), conditions.updateValue(sides[1], forKey: sides[0]) == nil else {
        throw arguments.refusal(
          "'\(part)' in --on \(kind) is not understood\(Suggestion.hint(for: sides.first ?? "", among: known)): each of \(known.joined(separator: ", ")) may stand there once, such as client=acme"
        )
      }
    }
    if let kind = conditions["kind"], !["picture", "video"].contains(kind) {
      throw arguments.refusal("kind is picture or video, not '\(kind)'")
    }
    return conditions
  }

  /// Milliseconds.
  private static func last(_ wanted: [String: String], _ arguments: Arguments) throws(Fault) -> Int? {
    guard let text = wanted["last"] else { return nil }
    let days = text.hasSuffix("d") ? Double(text.dropLast()).map { $0 * 86400 } : nil
    guard let seconds = days ?? Units.seconds(text), seconds > 0, seconds < 1e10 else {
      throw arguments.refusal("last takes a time such as 30m, 1h or 7d, not '\(text)'")
    }
    return Int(seconds * 1000)
  }
}
