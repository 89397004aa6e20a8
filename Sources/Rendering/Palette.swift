/// A colour for each label: the same in every picture, report and run.
///
/// The page that a server shows has the same list.
/// Labels that the model lists take the colours in their order, so that neighbours differ; others take theirs by name.
public struct Palette: Sendable {
  /// Red, green and blue, 0 to 255.
  public struct Color: Sendable, Hashable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    init(_ hex: UInt32) {
      (red, green, blue) = (UInt8(hex >> 16 & 255), UInt8(hex >> 8 & 255), UInt8(hex & 255))
    }

    /// Such as `#2f7de1`.
    public var hex: String {
      let digits = Array("0123456789abcdef")
      return "#" + [red, green, blue].map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
    }

    /// Whether dark letters read better on it than white ones (luma of BT.601).
    public var isLight: Bool { 299 * Int(red) + 587 * Int(green) + 114 * Int(blue) > Self.lightLuma }
    /// In thousandths of one step of 255.
    public static let lightLuma = 120_000

    public static let black = Color(0x0B0E13)
    public static let white = Color(0xFFFFFF)
  }

  /// Clear on light and dark ground alike; neighbours in the list differ most.
  public static let colors: [Color] = [
    0x2F7DE1, 0xF08A24, 0x2FA866, 0xE5484D, 0x9061E8, 0x12A5A5, 0xE0559F, 0xD4A017, 0x39A7E8, 0xA9714B, 0x7CB518,
  ].map(Color.init)

  private let places: [String: Int]

  public init(labels: [String] = []) {
    places = Dictionary(labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func color(for label: String) -> Color {
    if let place = places[label] { return Self.colors[place % Self.colors.count] }
    return Self.colors[Int(Self.hash(label) % UInt64(Self.colors.count))]
  }

  /// FNV-1a, 64 bits, with its upper half folded in, because the lowest bits alone spread poorly.
  private static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash >> 32
  }
}
