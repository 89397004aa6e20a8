internal import Base

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
    public var hex: String { "#" + Hex.text([red, green, blue]) }

    /// Whether dark letters read better on it than white ones (luma of BT.601).
    public var isLight: Bool { 299 * Int(red) + 587 * Int(green) + 114 * Int(blue) > Self.lightLuma }
    /// In thousandths of one step of 255.
    public static let lightLuma = 120_000

    public static let black = Color(0x0B0E13)
    public static let white = Color(0xFFFFFF)
  }

  /// Clear on light and dark ground alike.
  ///
  /// Each differs from those before it as much as it can (distance in OKLab), so that
  /// few labels differ most, and 96 of them still do.
  public static let colors: [Color] = [
    0x2F7DE1, 0xF08A24, 0x2FA866, 0xE5484D, 0x9061E8, 0x12A5A5, 0xE0559F, 0xD4A017, 0x39A7E8, 0xA9714B, 0x7CB518,
    0x870F69, 0x0F5A4B, 0x0000F0, 0xE1A5FF, 0x96D2C3, 0xFF00FF, 0x6900C3, 0x962D00, 0x695A87, 0xB400B4, 0x4B7800,
    0xA587B4, 0x004BA5, 0xFFA5A5, 0x00E100, 0xC30069, 0x5A3CFF, 0xD269F0, 0xB4D25A, 0x007887, 0xC30FFF, 0x00D296,
    0x00D2FF, 0xA55A96, 0x785A1E, 0x9696FF, 0x96A578, 0xFF78D2, 0xA5B4E1, 0x87871E, 0xF07887, 0x873CA5, 0x9600E1,
    0x5A5AC3, 0xE11EC3, 0x964B5A, 0xC3001E, 0x693C5A, 0xD2B487, 0x009600, 0x5A8769, 0x5A87A5, 0xFF0078, 0xFFB400,
    0xC34B00, 0x5A3C96, 0x0FC3C3, 0x0F4BE1, 0xD296C3, 0xC38778, 0xFF5A00, 0x780096, 0x3C5A00, 0x2D5A78, 0x96003C,
    0x4B00E1, 0x0069B4, 0x00E1D2, 0x7878C3, 0xB44BD2, 0x96C387, 0x69E169, 0xFF69FF, 0xA51E87, 0x00C300, 0xC36987,
    0x5A69FF, 0x873CFF, 0xB4872D, 0xFF4BC3, 0xC33CA5, 0xFFA569, 0x6987FF, 0xD26900, 0x783CD2, 0xD278C3, 0x966978,
    0x00785A, 0xE1B4D2, 0x78A5C3, 0x4B3CC3, 0xB4B400, 0xA578FF, 0xA569C3, 0xE10F5A,
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
