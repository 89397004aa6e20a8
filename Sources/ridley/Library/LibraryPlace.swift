import Base
import Catalog
import Items
import Library
import ModelHub

/// Which library a command is about, and how it is opened.
enum LibraryPlace {
  static let option = Option.value(
    "library", "DIR", "the library's folder (default library in RIDLEY_HOME, else in ~/.local/share/ridley)")

  /// For commands that can be about a library elsewhere too.
  static let options = [option] + RemotePlace.options

  /// The library that the command line names, here or behind a server.
  static func access(_ arguments: Arguments, makes: Bool = false) throws(Fault) -> any LibraryAccess {
    if let server = try RemotePlace.server(arguments) { return RemoteLibrary(server) }
    return LocalLibrary(try open(arguments, makes: makes))
  }

  static func open(_ arguments: Arguments, makes: Bool = false) throws(Fault) -> Library {
    try library(arguments["library"], makes: makes)
  }

  /// The library in a folder, or the one that is shared and has its working files there.
  ///
  /// `patience` is how many seconds a bucket's service may be away before that is told.
  static func library(_ named: String?, makes: Bool = true, patience: Double? = nil) throws(Fault) -> Library {
    let folder = try folder(named)
    guard SharedPlace.isMeant else { return try Library(folder, makes: makes) }
    return try SharedPlace.open(workingIn: folder, patience: patience)
  }

  /// A folder's name without a slash at its end.
  static func plain(_ named: String) -> String {
    named.count > 1 && named.hasSuffix("/") ? String(named.dropLast()) : named
  }

  static func folder(_ named: String?) throws(Fault) -> String {
    if let named { return plain(named) }
    guard let home = try Hub.standard().home else {
      throw Fault(
        .usage, "nothing says where the library is: name its folder with --library DIR, or set RIDLEY_HOME or HOME")
    }
    return SharedPlace.isMeant ? SharedPlace.usualFolder(in: home) : home + "/library"
  }
}

/// The options that say which group is meant.
enum GroupOptions {
  static let client = Option.value(
    "client", "NAME", "whose assets (default local; with --server the client of the key)")
  static let brand = Option.value("brand", "NAME", "the brand, in the client")
  static let campaign = Option.value("campaign", "NAME", "the campaign, in the brand")
  static let all = [client, brand, campaign]

  /// Assets of a machine of one's own need no client's name.
  static let usualClient = "local"

  static func group(_ arguments: Arguments) throws(Fault) -> AssetGroup {
    let group = AssetGroup(
      client: arguments["client"] ?? usualClient, brand: arguments["brand"], campaign: arguments["campaign"])
    do { try group.check() } catch { throw arguments.refusal(error.message) }
    return group
  }

  /// As above, in a library that knows whose assets are meant where nothing says it.
  static func group(_ arguments: Arguments, in library: any LibraryAccess) throws(Fault) -> AssetGroup {
    var group = try group(arguments)
    if arguments["client"] == nil { group.client = try library.usualClient() }
    return group
  }

  static func tags(_ arguments: Arguments) -> [String]? {
    arguments["tags"].map { $0.split(separator: ",").map(String.init) }
  }

  static func moment(_ arguments: Arguments, _ name: String) throws(Fault) -> Int? {
    guard let text = arguments[name] else { return nil }
    // As they are printed, too.
    if let milliseconds = CompositeKey.milliseconds(of: text) { return milliseconds }
    let whole = text.count == 10 ? text + "T00:00:00Z" : text
    guard let seconds = UTC.seconds(whole) else {
      throw arguments.refusal("--\(name) takes a moment such as 2026-11-27 or 2026-11-27T08:30:00Z, not '\(text)'")
    }
    return seconds * 1000
  }
}
