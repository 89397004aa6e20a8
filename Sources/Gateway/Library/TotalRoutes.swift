internal import Access
internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Web

/// Totals, clients, and who scores best and worst.
enum TotalRoutes: SchemaWords {
  static let group = RouteGroup(
    tag: "Library",
    routes: [
      Route(
        library: .get, "/v1/clients", for: .read,
        Operation("listClients", "The clients that the caller may see", answer(json(list(schema("Client"))))),
        answer: clients),
      Route(
        library: .get, "/v1/totals", for: .read,
        Operation(
          "listTotals", "Counts, sums, ranges and distributions of every score of a client, brand or campaign",
          answer(json(schema("TotalPage"))),
          parameters: [
            LibraryQuery.client.documentation, LibraryQuery.brand.documentation, LibraryQuery.campaign.documentation,
            LibraryQuery.by.documentation, LibraryQuery.limit.documentation, LibraryQuery.after.documentation,
          ]), answer: totals),
      Route(
        library: .get, "/v1/totals/assets", for: .read,
        Operation(
          "listScoredAssets", "Assets of a client, brand or campaign by one score, the greatest first or the least",
          answer(json(schema("ScoredPage"))),
          parameters: [
            LibraryQuery.client.documentation, LibraryQuery.brand.documentation, LibraryQuery.campaign.documentation,
            series.documentation, label.documentation, order.documentation, LibraryQuery.limit.documentation,
            LibraryQuery.after.documentation,
          ]), answer: scored),
    ], schemas: schemas)

  private static let series = LibraryQuery.word("series", component: "Series", "The pipeline's or model's name.")
  private static let label = LibraryQuery.word("label", component: "Label", "The label whose score counts.")
  private static let order = LibraryQuery.choice(
    "order", component: "Order", "greatest first, or least.", ["greatest", "least"])

  private static func clients(_ call: LibraryCall) throws(Failure) -> Response {
    let clients = try call.perform { () throws(Fault) in try call.library.clients(scope: call.scope) }
    return .json(JSONWriter.array { json in for client in clients { json.object { client.write(into: &$0) } } })
  }

  private static func totals(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let group = try call.group(query)
    let (limit, token) = (try query(LibraryQuery.limit) ?? 200, try LibraryQuery.token(query))
    let level = try query(LibraryQuery.by).flatMap { AssetLevel(rawValue: $0) }
    guard level == nil || group.brand == nil else {
      throw Failure(Fault(.badInput, "by and brand cannot be had together"))
    }
    let (page, moment) = try call.perform { () throws(Fault) in
      let moment = try call.library.totalsMoment(within: 0.5)
      let page =
        if let level {
          try call.library.totals(ofEach: level, of: group.client, scope: call.scope, limit: limit, after: token)
        } else {
          try call.library.totals(of: group, scope: call.scope, limit: limit, after: token)
        }
      return (page, moment)
    }
    return .json(
      JSONWriter.object { json in
        json.array("totals") { json in for answer in page.elements { json.object { answer.write(into: &$0) } } }
        json.field("asOf", UTC.text(moment))
        json.field("next", ifKnown: page.next?.text)
      })
  }

  private static func scored(_ call: LibraryCall) throws(Failure) -> Response {
    let query = try call.context.query()
    let group = try call.group(query)
    guard let series = try query(series), let label = try query(label) else {
      throw Failure(Fault(.badInput, "series and label say which score is meant: /v1/totals lists what there is"))
    }
    let order: Items.Query.Order = try query(order) == "least" ? .ascending : .descending
    let (limit, token) = (try query(LibraryQuery.limit) ?? 10, try LibraryQuery.token(query))
    let page = try call.perform { () throws(Fault) in
      try call.library.scored(
        group, series: series, label: label, scope: call.scope, order, limit: limit, after: token)
    }
    return .json(
      JSONWriter.object { json in
        json.array("assets") { json in for scored in page.elements { json.object { scored.write(into: &$0) } } }
        json.field("next", ifKnown: page.next?.text)
      })
  }

  private static let scoredAsset = object(["asset": string, "score": number])

  private static let schemas: Document = [
    "Client": object(
      ["id": string, "state": ["type": "string", "enum": ["open", "purging"]], "created": string],
      optional: ["limit": about("Bytes that it may store.", count)]),
    "ScoredAsset": scoredAsset,
    "ScoredPage": object(["assets": list(schema("ScoredAsset"))], optional: ["next": string]),
    "Total": object(
      ["client": string, "measure": ["type": "string", "enum": ["assets", "score"]], "count": count],
      optional: [
        "brand": string, "campaign": string, "bytes": count, "seconds": amount, "series": string, "label": string,
        "millionths": about("The exact sum of scores, in whole millionths.", ["type": "integer"]), "mean": number,
        "least": schema("ScoredAsset"), "greatest": schema("ScoredAsset"),
        "histogram": about("Below 0, 20 of equal width from 0 to 1, above 1.", list(count)),
      ]),
    "TotalPage": object(
      [
        "totals": list(schema("Total")),
        "asOf": about("Every change up to this moment is counted.", moment),
      ], optional: ["next": string]),
  ]
}
