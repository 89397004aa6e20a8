/// What an analysis can be written as.
public enum ExportFormat: String, CaseIterable, Sendable {
  case coco, csv, jsonl, webvtt, edl, otio

  /// As `Content-Type` says it.
  public var contentType: String {
    switch self {
    case .coco, .otio: "application/json"
    case .csv: "text/csv; charset=utf-8"
    case .jsonl: "application/x-ndjson"
    case .webvtt: "text/vtt; charset=utf-8"
    case .edl: "text/plain; charset=us-ascii"
    }
  }

  /// How a file of it is named, without the point in front.
  public var fileEnding: String {
    switch self {
    case .coco: "coco.json"
    case .webvtt: "vtt"
    case .csv, .jsonl, .edl, .otio: rawValue
    }
  }
}
