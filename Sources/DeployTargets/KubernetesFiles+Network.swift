extension KubernetesFiles {
  /// Who may speak with whom; what no policy names is closed.
  var network: YAMLText {
    var text = stores
    if site.isShared {
      let isTable = site.store?.isDynamoDB == true
      text += peer(isTable ? "DynamoDB" : "PostgreSQL", site.networks.store, "192.0.2.0/28", isTable ? 443 : 5432)
      if site.bus != nil { text += peer("Redis", site.networks.bus, "192.0.2.16/28", 6379) }
      text += peer("the bucket", site.networks.objects, "198.51.100.0/24", 443)
    }
    if site.watchesStreams { text += peer("cameras", site.networks.cameras, "203.0.113.0/24", 554) }
    text += callers("server")
    if site.isShared, site.watchesStreams { text += callers("streams") }
    return site.mostWorkers == nil ? text : text + keda
  }

  private var stores: YAMLText {
    """
    # Who may speak with whom; what no policy names is closed. It holds only where the cluster's network plug-in keeps such policies.
    # Ranges come from 'networks' of the site. Where a service runs inside the cluster, a namespaceSelector and a podSelector stand in place of its ipBlock.
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: ridley-stores # every pod of ridley: to names and to what stands below, and nowhere else; to no pod from anywhere
      labels: { app.kubernetes.io/name: ridley }
    spec:
      podSelector:
        matchLabels: { app.kubernetes.io/name: ridley }
      policyTypes: [Ingress, Egress]
      ingress: []
      egress:
        - to:
            - namespaceSelector:
                matchLabels: { kubernetes.io/metadata.name: kube-system }
              podSelector:
                matchLabels: { k8s-app: kube-dns }
          ports:
            - { protocol: UDP, port: 53 }
            - { protocol: TCP, port: 53 }

    """
  }

  /// A way out; a range that the site does not say is one of those kept for documents (RFC 5737), to which nothing answers.
  private func peer(_ what: YAMLText, _ range: String?, _ document: String, _ port: Int) -> YAMLText {
    let advice: YAMLText = range == nil ? ", of documents alone: nothing works until it is yours" : ""
    return "    - to: # " + what + advice + """

              - ipBlock: { cidr: \(quoted: range ?? document) }
            ports: [{ protocol: TCP, port: \(port) }]

      """
  }

  private func callers(_ component: String) -> YAMLText {
    """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: \("ridley-callers-\(component)")
      labels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }
    spec:
      podSelector:
        matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: \(component) }
      policyTypes: [Ingress]
      ingress:
        - from: # the namespace of your ingress
            - namespaceSelector:
                matchLabels: { kubernetes.io/metadata.name: \(site.networks.callers) }
          ports: [{ protocol: TCP, port: http }]

    """
  }

  private var keda: YAMLText {
    """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata:
      name: ridley-keda
      labels: { app.kubernetes.io/name: ridley }
    spec:
      podSelector:
        matchLabels: { app.kubernetes.io/name: ridley, app.kubernetes.io/component: server }
      policyTypes: [Ingress]
      ingress:
        - from:
            - namespaceSelector:
                matchLabels: { kubernetes.io/metadata.name: keda }
          ports: [{ protocol: TCP, port: http }]

    """
  }
}
