internal import Base
internal import Catalog
internal import Items

/// What is sent for a notice: the same bytes, however often it is tried.
enum NoticeBody {
  static func json(_ notice: Notice, links: LinkSigner?) -> [UInt8] {
    JSONWriter.object(capacity: 2048) { json in
      json.field("type", notice.type)
      json.field("timestamp", CompositeKey.time(milliseconds: notice.event.updated))
      json.field("id", "\(notice.event.id.text)_\(notice.mark.replacing("#", with: "_"))")
      json.field("delivery", notice.id)
      json.object("data") { json in
        notice.event.write(into: &json)
        let parts = LinkSigner.Part.allCases.filter { $0.isThere(of: notice.event) }
        guard let links, !parts.isEmpty else { return }
        // By the moment it was queued, so that another attempt has the same.
        let expires = notice.queued / 1000 + links.seconds
        json.object("links") { json in
          for part in parts {
            json.field(JSONWriter.Name(part.rawValue), links.address(of: notice.event, part, expires: expires))
          }
          json.field("expires", UTC.text(expires))
        }
      }
    }
  }
}
