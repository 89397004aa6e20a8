public import Base
public import Insights

/// What was concluded about a film as a whole, as other programs open it.
public enum InsightFormat: String, CaseIterable, Sendable {
  case vmap, scte35
  case breaksEDL = "breaks-edl"
  case shotsCSV = "shots-csv"
  case shotsEDL = "shots-edl"
  case shotsOTIO = "shots-otio"

  /// What it is made of.
  public var part: InsightReport.Part { breaks == nil ? .shots : .breaks }

  /// As `Content-Type` says it.
  public var contentType: String { breaks?.contentType ?? shots?.contentType ?? "" }

  /// How a file of it is named, without the point in front.
  public var fileEnding: String { breaks?.fileEnding ?? shots?.fileEnding ?? "" }

  var breaks: BreakExport.Format? {
    switch self {
    case .vmap: .vmap
    case .scte35: .scte35
    case .breaksEDL: .edl
    case .shotsCSV, .shotsEDL, .shotsOTIO: nil
    }
  }

  var shots: ShotExport.Format? {
    switch self {
    case .shotsCSV: .csv
    case .shotsEDL: .edl
    case .shotsOTIO: .otio
    case .vmap, .scte35, .breaksEDL: nil
    }
  }
}

/// What a user says about breaks beside the format.
public struct ExportOptions: Sendable, Hashable {
  /// Where to ask for advertisements, put into VMAP.
  public var adTag: String?
  /// Seconds that a break lasts, put into SCTE-35.
  public var breakLength: Double?

  public init(adTag: String? = nil, breakLength: Double? = nil) {
    (self.adTag, self.breakLength) = (adTag, breakLength)
  }

  /// A wish that the format has no place for is refused and not passed over.
  public func check(_ kind: ExportKind, named: (tag: String, length: String)) throws(Fault) {
    if adTag != nil, kind != .concluded(.vmap) {
      throw Fault(.badInput, "\(named.tag) is for vmap alone: \(kind.rawValue) has no place for it")
    }
    if breakLength != nil, kind != .concluded(.scte35) {
      throw Fault(.badInput, "\(named.length) is for scte35 alone: \(kind.rawValue) has no place for it")
    }
  }
}

/// All that an analysis can be had as.
public enum ExportKind: Sendable, Hashable, RawRepresentable, CaseIterable {
  case predictions(ExportFormat)
  case concluded(InsightFormat)

  public static var allCases: [ExportKind] {
    ExportFormat.allCases.map(ExportKind.predictions) + InsightFormat.allCases.map(ExportKind.concluded)
  }

  public init?(rawValue: String) {
    if let format = ExportFormat(rawValue: rawValue) {
      self = .predictions(format)
    } else if let format = InsightFormat(rawValue: rawValue) {
      self = .concluded(format)
    } else {
      return nil
    }
  }

  public var rawValue: String {
    switch self {
    case .predictions(let format): format.rawValue
    case .concluded(let format): format.rawValue
    }
  }

  /// What was concluded, that it is made of; `nil` for predictions.
  public var part: InsightReport.Part? {
    if case .concluded(let format) = self { format.part } else { nil }
  }

  /// As `Content-Type` says it.
  public var contentType: String {
    switch self {
    case .predictions(let format): format.contentType
    case .concluded(let format): format.contentType
    }
  }

  /// How a file of it is named, without the point in front.
  public var fileEnding: String {
    switch self {
    case .predictions(let format): format.fileEnding
    case .concluded(let format): format.fileEnding
    }
  }
}

extension BreakExport {
  /// A file of breaks; `format` is one of those.
  public static func bytes(
    _ list: BreakList, of asset: ExportedAsset, as format: InsightFormat, _ options: ExportOptions
  ) throws(Fault) -> [UInt8] {
    guard let own = format.breaks else { throw Fault(.bug, "\(format.rawValue) is not made of breaks") }
    return try BreakExport(list, of: asset, adTag: options.adTag, length: options.breakLength).bytes(as: own)
  }
}

extension ShotExport {
  /// A file of shots; `format` is one of those.
  public static func bytes(
    _ list: ShotList, of asset: ExportedAsset, as format: InsightFormat
  ) throws(Fault) -> [UInt8] {
    guard let own = format.shots else { throw Fault(.bug, "\(format.rawValue) is not made of shots") }
    return try ShotExport(list, of: asset).bytes(as: own)
  }
}
