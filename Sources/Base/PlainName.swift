/// What streams, and targets that are told of them, are called.
public enum PlainName {
  /// 1 to 64 letters, digits, `-`, `_` and `.`, which does not stand in front.
  public static func isValid(_ text: String) -> Bool {
    let fits = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        || [0x2d, 0x2e, 0x5f].contains(byte)
    }
    return (1...64).contains(text.utf8.count) && fits && text.first != "."
  }
}
