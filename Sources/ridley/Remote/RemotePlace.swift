import Base
import Glibc

/// Which server a command is about, and the key that it shows there.
enum RemotePlace {
  static let options = [
    Option.value(
      "server", "URL",
      "in place of a folder, the library of a server ('ridley serve --library'), such as https://vision.example.org:8443"
    ),
    Option.value(
      "key", "FILE",
      "with --server: the file that holds the key (default: the variable RIDLEY_KEY); a key itself is never written on the command line, where others see it"
    ),
  ]

  private static let variable = "RIDLEY_KEY"

  /// `nil` where no server is named.
  static func server(_ arguments: Arguments) throws(Fault) -> RemoteServer? {
    guard let address = arguments["server"] else {
      guard arguments["key"] == nil else { throw arguments.refusal("--key is for --server: say which server") }
      return nil
    }
    guard arguments["library"] == nil else {
      throw arguments.refusal("a library is here or behind a server: --library DIR or --server URL")
    }
    let place: ServerAddress
    do { place = try ServerAddress(address) } catch { throw arguments.refusal(error.message) }
    let key = try key(arguments)
    if key != nil, place.isReadable {
      Terminal.complain("ridley: the key goes to \(place.host) unencrypted: use https where others share the network\n")
    }
    return try RemoteServer(place, key: key)
  }

  /// The key that stands in the file of `--key`, else in the variable; `nil` where there is none.
  static func key(_ arguments: Arguments) throws(Fault) -> String? {
    guard let file = arguments["key"] else {
      guard let text = getenv(variable).map({ String(cString: $0) }), !text.isEmpty else { return nil }
      return try key(in: text, from: "the variable \(variable)")
    }
    guard !file.hasPrefix("rk_") || FileSystem.isThere(file) else {
      throw arguments.refusal(
        "--key takes the file that holds the key, not the key itself, which others could see: use a file, or \(variable)"
      )
    }
    return try key(in: String(decoding: try FileSystem.read(file, limit: 4096), as: UTF8.self), from: file)
  }

  /// The one word of a text; nothing that could end a line of a request's head.
  private static func key(in text: String, from place: String) throws(Fault) -> String {
    let words = text.split { $0 == "\n" || $0 == "\r" || $0 == "\r\n" || $0 == " " || $0 == "\t" }
    guard words.count == 1, words[0].utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Fault(.usage, "\(place) holds no key: it has one word, such as 'ridley key create' prints")
    }
    return String(words[0])
  }
}

/// The address of a server: `https://host:port`, perhaps with the beginning of all its paths.
struct ServerAddress {
  /// Without a `/` at its end.
  let text: String
  /// With its port, where that is named.
  let host: String
  private let isPlain: Bool

  /// `option` is the one that it was given to.
  init(_ address: String, option: String = "server") throws(Fault) {
    let unfit = Fault(
      .usage, "--\(option) takes an address such as https://vision.example.org:8443, not '\(address.prefix(100))'")
    var whole = address
    while whole.hasSuffix("/") { whole.removeLast() }
    let isPlain = whole.lowercased().hasPrefix("http://")
    guard isPlain || whole.lowercased().hasPrefix("https://"), let colon = whole.firstRange(of: "://"),
      whole.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !whole.contains(where: { "?#@\\\"<>".contains($0) })
    else { throw unfit }
    host = String(whole[colon.upperBound...].prefix { $0 != "/" })
    guard !host.isEmpty, host.first != ":" else { throw unfit }
    (text, self.isPlain) = (whole, isPlain)
  }

  /// What goes there passes networks as it is.
  var isReadable: Bool { isPlain && !Authority.isThisMachine(host) }
}
