public import Base
public import Insights

/// The breaks of one film as files that servers and players of advertisements, and editing programs, open.
public struct BreakExport: Sendable {
  public enum Format: String, CaseIterable, Sendable {
    case vmap, scte35, edl

    /// As `Content-Type` says it.
    public var contentType: String {
      switch self {
      case .vmap: "application/xml"
      case .scte35: "application/json"
      case .edl: "text/plain; charset=us-ascii"
      }
    }

    /// How a file of it is named, without the point in front.
    public var fileEnding: String {
      switch self {
      case .vmap: "vmap.xml"
      case .scte35: "scte35.json"
      case .edl: "breaks.edl"
      }
    }
  }

  let breaks: [StoryBreak]
  let asset: ExportedAsset
  /// Where to ask for advertisements, put into VMAP; `nil` leaves that to the player or server.
  public var adTag: String?
  /// Seconds that a break lasts, put into SCTE-35; `nil` leaves its end to the splicer.
  public var length: Double?

  public init(_ list: BreakList, of asset: ExportedAsset, adTag: String? = nil, length: Double? = nil) {
    (breaks, self.asset, self.adTag, self.length) = (list.breaks, asset, adTag, length)
  }

  /// The whole file.
  ///
  /// Faults say what the format cannot hold, and which can.
  public func bytes(as format: Format) throws(Fault) -> [UInt8] {
    switch format {
    case .vmap: vmap
    case .scte35: scte35
    case .edl: try edl
    }
  }

  // MARK: - What formats share

  /// Numbers by which splicers and servers know breaks again: of 32 bits, not 0, made of asset and time, so that a break keeps its number
  /// whatever other breaks there are.
  var numbers: [UInt32] {
    var taken: Set<UInt32> = [0]
    return breaks.map { one in
      var number = Self.hash("\(asset.id)\n\(Self.milliseconds(one))")
      while !taken.insert(number).inserted { number &+= 1 }
      return number
    }
  }

  /// FNV-1a, 32 bits.
  static func hash(_ text: String) -> UInt32 {
    text.utf8.reduce(0x811c_9dc5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }

  /// On the clock of the film's timestamps, which players show; what lies before 0 is 0.
  static func milliseconds(_ one: StoryBreak) -> Int { Int((max(0, min(one.time, 1e12)) * 1000).rounded()) }

  // MARK: - EDL

  /// The film in pieces from break to break, each an event; all but the first have a marker where they begin.
  private var edl: [UInt8] {
    get throws(Fault) {
      var list = try EDLList(asset, instead: "vmap and scte35")
      guard let duration = asset.duration else {
        throw Fault(
          .unsupported, "the length of \(asset.name) is not known, and an EDL ends somewhere; vmap and scte35 need none"
        )
      }
      var output = ExportOutput()
      list.begin(&output)
      let end = list.timecode.frame(at: duration - asset.firstTime)
      var (from, marker) = (0, String?.none)
      for one in breaks {
        let at = list.timecode.frame(at: one.time - asset.firstTime)
        guard at > from, at < end else { continue }
        try list.add(from..<at, marker: marker, &output)
        (from, marker) = (at, "BREAK \(one.rank) \(NumberFormat.fixed(one.score, 2)) \(one.evidence.words)")
      }
      if from < end { try list.add(from..<end, marker: marker, &output) }
      return output.take()
    }
  }
}
