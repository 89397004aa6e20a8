import Access
import Base
import Library
import ModelHub

/// Where keys are kept, and how they are shown.
enum KeyPlace {
  static let option = Option.value(
    "keys", "FILE", "the file of keys (default keys.json in RIDLEY_HOME, else in ~/.local/share/ridley)")

  static let library = Option.value("library", "DIR", "the library whose keys are meant, in place of such a file")
  static let options = [option, library]

  /// Where the keys are that a command is about: in a file, or in a library; one that is not there yet is made where `makes` says so.
  static func store(_ arguments: Arguments, makes: Bool = false) throws(Fault) -> any KeyStore {
    guard let keys = arguments["keys"] else {
      let isInLibrary = arguments["library"] != nil || SharedPlace.isMeant
      return isInLibrary ? LibraryKeyStore(try LibraryPlace.open(arguments, makes: makes)) : try file(nil)
    }
    guard arguments["library"] == nil else {
      throw arguments.refusal("keys are in a file or in a library: --keys FILE or --library DIR")
    }
    return try file(keys)
  }

  /// What another command about the same keys needs.
  static func words(_ arguments: Arguments) -> String {
    words(keys: arguments["keys"], library: arguments["library"])
  }

  static func words(keys: String?, library: String?) -> String {
    keys.map { " --keys \($0)" } ?? library.map { " --library \($0)" } ?? ""
  }

  /// The file that was named, else the one that `ridley serve` reads too.
  ///
  /// - Throws: where nothing says whose folder it would be; the current folder is nobody's place for keys.
  static func file(_ named: String?) throws(Fault) -> KeyFile {
    if let named { return KeyFile(named) }
    guard let home = try Hub.standard().home else {
      throw Fault(
        .usage, "nothing says where keys are kept: name the file with --keys FILE, or set RIDLEY_HOME or HOME")
    }
    return KeyFile(home + "/keys.json")
  }

  static func text(_ rate: Rate?) -> String {
    guard let rate else { return "any" }
    return rate.burst == rate.count ? rate.text : "\(rate.text), \(rate.burst) at once"
  }
}
