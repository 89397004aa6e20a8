internal import Base
internal import Crypto
internal import YAML

/// Checks of single values, with the place in the fault.
enum ManifestValues {
  static func name(_ value: YAMLValue) throws(Fault) -> String {
    let name = try value.text()
    guard NameGrammar.isModelName(name) else {
      throw value.fault(
        "'\(name)' is not a model's name, expected small letters, digits, '.', '_' or '-', e.g. yolox-nano")
    }
    return name
  }

  static func path(_ value: YAMLValue) throws(Fault) -> String {
    let path = try value.text()
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard !path.hasPrefix("/") else {
      throw value.fault("'\(path)' is absolute, \(value.what) must be relative to the model's folder")
    }
    guard !parts.contains("..") else { throw value.fault("'\(path)' leads out of the model's folder") }
    let isPlain = !parts.contains("") && !parts.contains(".") && !path.unicodeScalars.contains { $0.value < 32 }
    guard isPlain else { throw value.fault("'\(path)' is not a plain path, expected e.g. variables/weights.bin") }
    return path
  }

  /// Labels.
  static func words(_ value: YAMLValue) throws(Fault) -> [String] {
    var words: [String] = []
    for item in try value.items() { words.append(try item.text()) }
    guard !words.isEmpty else { throw value.fault("labels is empty: list them, or take the key away") }
    return words
  }

  static func address(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
    let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
    guard let scheme, text.count > scheme.count, isPlain else {
      throw value.fault("'\(text)' is not an address for \(value.what), expected https://…")
    }
    return text
  }

  /// A command is shown to people, who may run it: one line of plain characters, whose program stands in a folder.
  static func command(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    let program = text.prefix { $0 != " " }
    let isPlain = text.utf8.count <= 200 && text.utf8.allSatisfy { (32..<127).contains($0) && $0 != UInt8(ascii: "'") }
    let isInside = !program.hasPrefix("/") && !program.split(separator: "/").contains("..") && program.contains("/")
    guard isPlain, isInside else {
      throw value.fault(
        "'\(text)' is not a command for \(value.what), expected one that stands beside the folder of models, e.g. tools/network silero-vad"
      )
    }
    return text
  }

  static func digest(_ value: YAMLValue) throws(Fault) -> String {
    let text = try value.text()
    guard SHA256.bytes(ofHex: text) != nil else {
      throw value.fault("'\(text)' is not a SHA-256, expected 64 digits of 0-9 and a-f")
    }
    return text
  }

  static func positive(_ value: YAMLValue, example: String) throws(Fault) -> Float {
    let number = try value.number(example: example)
    guard number > 0 else {
      throw value.fault("\(try value.text()) is not allowed for \(value.what), it must be above 0")
    }
    return number
  }
}
