internal import Base
internal import Catalog
internal import Items
internal import JSON
internal import Jobs
internal import Library
internal import Web

extension JobRoutes {
  static let itemState = LibraryQuery.choice(
    "state", component: "JobItemState", "Only in this state.", JobItem.State.allCases.map(\.rawValue))
  static let itemReason = LibraryQuery.word(
    "reason", component: "JobReasonDigest",
    "Only those that failed for this reason, by its digest; a page may hold fewer than there is room for.")

  static func items(_ call: LibraryCall, _ id: String) throws(Failure) -> Response {
    let (job, query) = (try found(call, id), try call.context.query())
    let wanted = try query(itemState).flatMap { JobItem.State(rawValue: $0) }
    let (limit, token) = (try query(LibraryQuery.limit) ?? 50, try LibraryQuery.token(query))
    let reason = try query(itemReason)
    let page = try call.perform { () throws(Fault) -> Page<JobItem> in
      if let reason { return try call.desk.jobs.items(of: job, reason: reason, limit: limit, after: token) }
      return try call.desk.jobs.items(of: job, state: wanted, limit: limit, after: token)
    }
    let assets = try call.perform { () throws(Fault) in
      try call.library.assets(Set(page.elements.map(\.asset)), scope: .client(job.client))
    }
    let known = Dictionary(uniqueKeysWithValues: assets.map { ($0.id, $0) })
    return .json(
      JSONWriter.object { json in
        json.array("items") { json in
          for item in page.elements { json.object { write(item, known[item.asset], into: &$0) } }
        }
        json.field("next", ifKnown: page.next?.text)
      })
  }

  private static func write(_ item: JobItem, _ asset: Asset?, into json: inout JSONWriter) {
    item.write(into: &json)
    guard let asset else { return }
    json.object("asset") { json in
      json.field("name", asset.name)
      json.field("kind", asset.media.isPicture ? "picture" : "video")
      json.field("thumbnail", ifKnown: asset.thumbnail)
    }
  }
}
