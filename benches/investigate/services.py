#!/usr/bin/env python3
"""Writes logs of 16 made-up services in the style of real ones; the statement of every line is known.

    services.py FOLDER SEED LINES

FOLDER/<service>.raw and .bare (without headers), and FOLDER/<service>.truth with a name for the statement of
each line. The first ten were used to mend the rules after they had been measured once; the last six, written
after that, to measure again, and for the rule about quotation marks.
"""
import datetime, os, random, sys

R = random.Random()


def ip():
    return "%d.%d.%d.%d" % (R.choice([10, 172, 192, 54, 3]), R.randint(0, 255), R.randint(0, 255), R.randint(1, 254))


def hexa(count):
    return "".join(R.choice("0123456789abcdef") for _ in range(count))


def uuid():
    return "-".join(hexa(count) for count in (8, 4, 4, 4, 12))


def number(low, high):
    return str(R.randint(low, high))


def decimal(low, high, places=3):
    return "%.*f" % (places, R.uniform(low, high))


def pick(*of):
    return R.choice(of)


NAMES = "anna bert carla dmitri elif farid grace hugo ines jonas kofi lena mats nora omar petra quentin rosa sven tilda uwe vera wim xenia yusuf zoe".split()
WORDS = "orders users payments invoices carts sessions shipments returns coupons audits reviews stock prices tenants events refunds emails labels zones quotes".split()


def user():
    return pick(*NAMES)


def word():
    return pick(*WORDS)


def service():
    return pick(*WORDS[:12]) + pick("-api", "-worker", "-svc", "")


def path():
    return "/" + "/".join(pick(*WORDS) for _ in range(R.randint(1, 3))) + pick("", "/" + number(1, 99999), ".php", "?id=" + number(1, 999))


def topic():
    return word() + pick(".events", ".v1", "-retry", "")


def host():
    return pick("web", "db", "cache", "app") + "-" + number(1, 20) + pick(".internal", ".example.net", "")


def thread():
    return pick("http-nio-8080-exec-" + number(1, 40), "scheduling-1", "main", "task-" + number(1, 9), "HikariPool-1 housekeeper")


def logger(name):
    return name.rjust(40)


MACHINE = ""
# A header for a time, and the statements.
SERVICES = {}
SERVICES['nginx_error']=(lambda t: f'{t:%Y/%m/%d %H:%M:%S} [{pick("error","warn","crit","notice")}] {number(100,900)}#{number(100,900)}: ',[
 lambda: f'*{number(1,99999)} upstream timed out (110: Connection timed out) while reading response header from upstream, client: {ip()}, server: {host()}, request: "{pick("GET","POST")} {path()} HTTP/1.1", upstream: "http://{ip()}:{number(3000,9000)}{path()}", host: "{host()}"',
 lambda: f'*{number(1,99999)} connect() failed (111: Connection refused) while connecting to upstream, client: {ip()}, server: {host()}, request: "{pick("GET","POST")} {path()} HTTP/1.1", upstream: "http://{ip()}:{number(3000,9000)}{path()}", host: "{host()}"',
 lambda: f'*{number(1,99999)} open() "/usr/share/nginx/html{path()}" failed (2: No such file or directory), client: {ip()}, server: {host()}, request: "GET {path()} HTTP/1.1", host: "{host()}"',
 lambda: f'*{number(1,99999)} client intended to send too large body: {number(1000000,99999999)} bytes, client: {ip()}, server: {host()}, request: "POST {path()} HTTP/1.1", host: "{host()}"',
 lambda: f'*{number(1,99999)} limiting requests, excess: {decimal(1,99)} by zone "{word()}", client: {ip()}, server: {host()}, request: "GET {path()} HTTP/2.0", host: "{host()}"',
 lambda: f'*{number(1,99999)} SSL_do_handshake() failed (SSL: error:{hexa(8).upper()}:SSL routines:tls_parse_stoc:bad extension) while SSL handshaking, client: {ip()}, server: 0.0.0.0:443',
 lambda: f'signal process started',
 lambda: f'worker process {number(100,9999)} exited on signal {number(1,15)}',
 lambda: f'{number(100,4000)} worker_connections are not enough',
 lambda: f'*{number(1,99999)} access forbidden by rule, client: {ip()}, server: {host()}, request: "GET {path()} HTTP/1.1", host: "{host()}"',
 lambda: f'*{number(1,99999)} no live upstreams while connecting to upstream, client: {ip()}, server: {host()}, request: "GET {path()} HTTP/1.1", upstream: "http://{word()}{path()}", host: "{host()}"',
])
SERVICES['kafka']=(lambda t: f'[{t:%Y-%m-%d %H:%M:%S},{number(100,999)}] {pick("INFO","INFO","WARN","ERROR")} ',[
 lambda: f'[GroupCoordinator {number(0,5)}]: Preparing to rebalance group {service()} in state PreparingRebalance with old generation {number(1,400)} (__consumer_offsets-{number(0,49)}) (reason: removing member consumer-{service()}-{number(1,9)}-{uuid()} on heartbeat expiration) (kafka.coordinator.group.GroupCoordinator)',
 lambda: f'[GroupCoordinator {number(0,5)}]: Stabilized group {service()} generation {number(1,400)} (__consumer_offsets-{number(0,49)}) with {number(1,12)} members (kafka.coordinator.group.GroupCoordinator)',
 lambda: f'[Partition {topic()}-{number(0,11)} broker={number(0,5)}] Shrinking ISR from {number(0,2)},{number(3,5)} to {number(0,5)}. Leader: (highWatermark: {number(1,999999)}, endOffset: {number(1,999999)}). Out of sync replicas: (brokerId: {number(0,5)}, endOffset: {number(1,999999)}). (kafka.cluster.Partition)',
 lambda: f'[Partition {topic()}-{number(0,11)} broker={number(0,5)}] ISR updated to {",".join(number(0,5) for _ in range(R.randint(1,4)))} and version updated to {number(1,999)} (kafka.cluster.Partition)',
 lambda: f'[Log partition={topic()}-{number(0,11)}, dir=/var/lib/kafka/data-{number(0,3)}] Rolled new log segment at offset {number(1,9999999)} in {number(1,40)} ms. (kafka.log.Log)',
 lambda: f'[Log partition={topic()}-{number(0,11)}, dir=/var/lib/kafka/data-{number(0,3)}] Deleting segment files LogSegment(baseOffset={number(1,999999)}, size={number(1,999999)}, lastModifiedTime={number(1600000000000,1700000000000)}, largestRecordTimestamp=Some({number(1600000000000,1700000000000)})) (kafka.log.Log)',
 lambda: f'Deleted log /var/lib/kafka/data-{number(0,3)}/{topic()}-{number(0,11)}/{number(0,999999).zfill(20)}.log.deleted. (kafka.log.LogSegment)',
 lambda: f'[ReplicaFetcher replicaId={number(0,5)}, leaderId={number(0,5)}, fetcherId={number(0,3)}] Error sending fetch request (sessionId={number(1,99999999)}, epoch={number(1,9999)}) to node {number(0,5)}: java.io.IOException: Connection to {number(0,5)} was disconnected before the response was read (kafka.server.ReplicaFetcherThread)',
 lambda: f'[KafkaServer id={number(0,5)}] started (kafka.server.KafkaServer)',
 lambda: f'[Producer clientId=producer-{number(1,30)}] Got error produce response with correlation id {number(1,99999)} on topic-partition {topic()}-{number(0,11)}, retrying ({number(1,5)} attempts left). Error: NOT_LEADER_OR_FOLLOWER (org.apache.kafka.clients.producer.internals.Sender)',
 lambda: f'Creating topic {topic()} with configuration {{}} and initial partition assignment HashMap({", ".join(number(0,11)+" -> ArrayBuffer("+number(0,5)+")" for _ in range(R.randint(1,4)))}) (kafka.zk.AdminZkClient)',
])
SERVICES['postgres']=(lambda t: f'{t:%Y-%m-%d %H:%M:%S}.{number(100,999)} UTC [{number(100,9999)}] {pick("app@shop ","rw@billing ","","")}{pick("LOG","ERROR","FATAL","STATEMENT","WARNING")}:  ',[
 lambda: f'duration: {decimal(1,9000)} ms  statement: SELECT * FROM {word()} WHERE {pick("id","owner","sku")} = {number(1,99999)}',
 lambda: f'duplicate key value violates unique constraint "{word()}_{pick("pkey","email_key","sku_key","slug_key")}"',
 lambda: f'remaining connection slots are reserved for non-replication superuser connections',
 lambda: f'deadlock detected',
 lambda: f'Process {number(100,99999)} waits for ShareLock on transaction {number(1000,999999)}; blocked by process {number(100,99999)}.',
 lambda: f'relation "{word()}{pick("","_old","_v2")}" does not exist at character {number(5,90)}',
 lambda: f'checkpoint complete: wrote {number(1,9000)} buffers ({decimal(0,60,1)}%); 0 WAL file(s) added, {number(0,9)} removed, {number(0,9)} recycled; write={decimal(0,300)} s, sync={decimal(0,3)} s, total={decimal(0,300)} s; sync files={number(1,300)}, longest={decimal(0,1)} s, average={decimal(0,1)} s; distance={number(1,99999)} kB, estimate={number(1,99999)} kB',
 lambda: f'checkpoint starting: {pick("time","wal","immediate force wait","shutdown immediate")}',
 lambda: f'automatic vacuum of table "{pick("shop","billing")}.public.{word()}": index scans: {number(0,2)}',
 lambda: f'connection received: host={ip()} port={number(1024,65000)}',
 lambda: f'connection authorized: user={user()} database={pick("shop","billing","crm")} application_name={service()}',
 lambda: f'disconnection: session time: {number(0,9)}:{number(10,59)}:{decimal(0,59)} user={user()} database={pick("shop","billing","crm")} host={ip()} port={number(1024,65000)}',
 lambda: f'password authentication failed for user "{user()}"',
 lambda: f'terminating connection due to administrator command',
 lambda: f'canceling statement due to statement timeout',
 lambda: f'could not receive data from client: Connection reset by peer',
 lambda: f'temporary file: path "base/pgsql_tmp/pgsql_tmp{number(100,9999)}.{number(0,20)}", size {number(10000,99999999)}',
])
SERVICES['systemd']=(lambda t: f'{t:%b %d %H:%M:%S} {MACHINE} systemd[1]: ',[
 lambda: f'Started {pick("Daily apt download activities","Session "+number(1,999)+" of user "+user(),"Clean php session files","Rotate log files","Network Time Synchronization","OpenSSH server daemon","Message of the Day")}.',
 lambda: f'{word()}.service: Main process exited, code={pick("exited","killed","dumped")}, status={pick("1/FAILURE","9/KILL","11/SEGV","203/EXEC","137/n/a")}',
 lambda: f"{word()}.service: Failed with result '{pick('exit-code','signal','timeout','oom-kill','core-dump')}'.",
 lambda: f'{word()}.service: Scheduled restart job, restart counter is at {number(1,99)}.',
 lambda: f'{word()}.service: Start request repeated too quickly.',
 lambda: f'{word()}.service: Consumed {decimal(0,90)}s CPU time.',
 lambda: f'{word()}.service: Deactivated successfully.',
 lambda: f'{word()}.service: State \'stop-sigterm\' timed out. Killing.',
 lambda: f'Reached target {pick("Basic System","Multi-User System","Timers","Sockets","Paths","Network is Online")}.',
 lambda: f'session-{number(1,9999)}.scope: Succeeded.',
 lambda: f'Created slice User Slice of UID {number(1000,1030)}.',
 lambda: f'Removed slice User Slice of UID {number(1000,1030)}.',
 lambda: f'Reloading.',
])
SERVICES['spring']=(lambda t: f'{t:%Y-%m-%dT%H:%M:%S}.{number(100,999)}Z {pick(" INFO"," WARN","ERROR")} 1 --- [{thread()[-15:].rjust(15)}] ',[
 lambda: logger('c.e.s.OrderController')+f'                      : Order {uuid()} created for customer {number(1,9999)} with {number(1,9)} items',
 lambda: logger('c.e.s.PaymentService')+f' : Payment {hexa(24)} for order {uuid()} was declined by {pick("stripe","adyen","klarna","paypal")}: {pick("insufficient_funds","card_expired","do_not_honor","fraud_suspected")}',
 lambda: logger('com.zaxxer.hikari.pool.HikariPool')+f' : HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta={number(1,9)}m{number(1,59)}s{number(1,999)}ms).',
 lambda: logger('com.zaxxer.hikari.pool.HikariPool')+f' : HikariPool-1 - Connection is not available, request timed out after {number(30000,30100)}ms.',
 lambda: logger('o.h.engine.jdbc.spi.SqlExceptionHelper')+f' : SQL Error: {number(0,9999)}, SQLState: {number(10000,60000)}',
 lambda: logger('c.e.s.OrderScheduler')+f' : Processed {number(0,500)} pending orders in {number(1,9000)} ms',
 lambda: logger('c.e.s.UserService')+f' : User {user()} logged in from {ip()}',
 lambda: logger('c.e.s.UserService')+f' : User {user()} logged out',
 lambda: logger('c.e.s.StockClient')+f' : Retry attempt {number(1,5)} of 5 for GET http://{service()}:{number(8000,8999)}{path()} failed: {pick("Read timed out","Connection refused","503 Service Unavailable")}',
 lambda: logger('o.s.k.l.KafkaMessageListenerContainer')+f' : {service()}: partitions assigned: [{", ".join(topic()+"-"+number(0,11) for _ in range(R.randint(1,4)))}]',
 lambda: logger('c.e.s.CacheWarmer')+f' : Cache {word()} warmed with {number(1,99999)} entries',
 lambda: logger('c.e.s.OrderController')+f' : Order {uuid()} moved from {pick("NEW","PAID","PACKED","SHIPPED")} to {pick("PAID","PACKED","SHIPPED","RETURNED","CANCELLED")}',
])
SERVICES['zap']=(lambda t: f'{t:%Y-%m-%dT%H:%M:%S}.{number(100,999)}Z\t{pick("INFO","WARN","ERROR","DEBUG")}\t{pick("server","grpc","store","queue")}/{pick("handler","conn","pool")}.go:{number(10,400)}\t',[
 lambda: f'request completed\t{{"method": "{pick("GET","POST","PUT","DELETE")}", "path": "{path()}", "status": {pick("200","201","404","500")}, "latency": "{decimal(0,900)}ms", "request_id": "{uuid()}"}}',
 lambda: f'failed to dial\t{{"addr": "{ip()}:{number(1000,9999)}", "error": "dial tcp {ip()}:{number(1000,9999)}: i/o timeout"}}',
 lambda: f'lease renewed\t{{"id": "{hexa(16)}", "ttl": {number(5,60)}}}',
 lambda: f'lease lost\t{{"id": "{hexa(16)}", "owner": "{host()}"}}',
 lambda: f'compaction finished\t{{"level": {number(0,6)}, "tables": {number(1,40)}, "bytes": {number(1,99999999)}, "took": "{decimal(0,9)}s"}}',
 lambda: f'dropping message\t{{"topic": "{topic()}", "reason": "{pick("too large","expired","no subscribers","unknown schema")}"}}',
 lambda: f'peer joined\t{{"peer": "{host()}", "zone": "{pick("eu-west-1a","eu-west-1b","eu-west-1c")}"}}',
 lambda: f'peer left\t{{"peer": "{host()}", "zone": "{pick("eu-west-1a","eu-west-1b","eu-west-1c")}"}}',
 lambda: f'config reloaded\t{{"version": {number(1,900)}, "source": "/etc/{word()}.yaml"}}',
 lambda: f'starting server\t{{"addr": ":{number(8000,9000)}", "tls": {pick("true","false")}}}',
])
SERVICES['pylog']=(lambda t: f'{t:%Y-%m-%d %H:%M:%S},{number(100,999)} - {pick("billing.jobs","billing.http","celery.worker","urllib3.connectionpool")} - {pick("INFO","WARNING","ERROR","DEBUG")} - ',[
 lambda: f'Task {word()}.{pick("sync","export","cleanup","notify")}[{uuid()}] received',
 lambda: f'Task {word()}.{pick("sync","export","cleanup","notify")}[{uuid()}] succeeded in {decimal(0,90,6)}s: {pick("None","True",number(1,99))}',
 lambda: f'Task {word()}.{pick("sync","export","cleanup","notify")}[{uuid()}] retry: Retry in {number(1,300)}s',
 lambda: f"Task {word()}.{pick('sync','export','cleanup','notify')}[{uuid()}] raised unexpected: {pick('KeyError','ValueError','TimeoutError')}({pick(chr(39)+word()+chr(39),chr(39)+'bad value'+chr(39))})",
 lambda: f'Starting new HTTPS connection ({number(1,9)}): {host()}:443',
 lambda: f'https://{host()}:443 "{pick("GET","POST")} {path()} HTTP/1.1" {pick("200","404","503")} {number(0,99999)}',
 lambda: f'Invoice {number(10000,99999)} for {user()}@example.com sent',
 lambda: f'Could not send invoice {number(10000,99999)} to {user()}@example.com: mailbox {pick("full","unknown","disabled")}',
 lambda: f'Connection pool is full, discarding connection: {host()}. Connection pool size: {number(5,50)}',
 lambda: f'Loaded {number(1,999)} rules from /etc/billing/{word()}.yml',
 lambda: f'Missed heartbeat from worker{number(1,9)}@{host()}',
 lambda: f'mingle: searching for neighbors',
 lambda: f'mingle: all alone',
])
SERVICES['envoy']=(lambda t: f'[{t:%Y-%m-%d %H:%M:%S}.{number(100,999)}][{number(1,60)}][{pick("info","warning","debug","error")}][{pick("upstream","main","config","connection","router")}] [source/{pick("common","server","extensions")}/{pick("upstream","http","config")}/{pick("cluster_manager_impl","server","conn_pool","codec_client")}.cc:{number(10,1500)}] ',[
 lambda: f'cm init: adding: cluster={service()} primary={number(0,9)} secondary={number(0,9)}',
 lambda: f'[C{number(1,99999)}] connecting to {ip()}:{number(1000,9999)}',
 lambda: f'[C{number(1,99999)}] connected',
 lambda: f'[C{number(1,99999)}] remote close',
 lambda: f'[C{number(1,99999)}][S{number(1,9999999999999999)}] upstream reset: reset reason: {pick("connection termination","connection failure","local reset","overflow")}, transport failure reason: ',
 lambda: f"cds: add/update cluster '{service()}'",
 lambda: f"cds: remove cluster '{service()}'",
 lambda: f'health check {pick("success","failure")} cluster={service()} host={ip()}:{number(80,9999)}',
 lambda: f'gRPC config for type.googleapis.com/envoy.config.{pick("cluster","listener","route")}.v3.{pick("Cluster","Listener","RouteConfiguration")} rejected: Proto constraint validation failed',
 lambda: f'lds: add/update listener \'{word()}\'',
 lambda: f'all clusters initialized. initializing init manager',
 lambda: f'StreamAggregatedResources gRPC config stream closed: {number(1,16)}, {pick("upstream connect error","no healthy upstream","connection timeout")}',
])
SERVICES['k8s']=(lambda t: f'{pick("I","W","E")}{t:%m%d %H:%M:%S}.{number(100000,999999)} {number(1,9999):>7} {pick("kubelet","reconciler","controller","scheduler","event")}.go:{number(10,900)}] ',[
 lambda: f'"SyncLoop ADD" source="api" pods=["{pick("shop","billing","ops")}/{service()}-{hexa(9)}-{hexa(5)}"]',
 lambda: f'"SyncLoop DELETE" source="api" pods=["{pick("shop","billing","ops")}/{service()}-{hexa(9)}-{hexa(5)}"]',
 lambda: f'"Error syncing pod, skipping" err="failed to \\"StartContainer\\" for \\"{word()}\\" with {pick("CrashLoopBackOff","ImagePullBackOff","ErrImagePull")}" pod="{pick("shop","billing")}/{service()}-{hexa(5)}" podUID={uuid()}',
 lambda: f'Scaled {pick("up","down")} replica set {service()}-{hexa(9)} to {number(0,9)}',
 lambda: f'Successfully assigned {pick("shop","billing")}/{service()}-{hexa(5)} to {host()}',
 lambda: f'operationExecutor.VerifyControllerAttachedVolume started for volume "{word()}" (UniqueName: "kubernetes.io/{pick("configmap","secret","projected")}/{uuid()}-{word()}") pod "{service()}-{hexa(5)}" (UID: "{uuid()}")',
 lambda: f'Node {host()} status is now: {pick("NodeReady","NodeNotReady","NodeHasDiskPressure","NodeHasSufficientMemory")}',
 lambda: f'Readiness probe failed: HTTP probe failed with statuscode: {pick("500","503","404")}',
 lambda: f'Back-off restarting failed container {word()} in pod {service()}-{hexa(5)}',
 lambda: f'Garbage collecting image sha256:{hexa(64)}',
])
SERVICES['redis']=(lambda t: f'{number(1,9)}:M {t:%d %b %Y %H:%M:%S}.{number(100,999)} {pick("*","#","-",".")} ',[
 lambda: f'{number(1,900)} changes in {number(60,900)} seconds. Saving...',
 lambda: f'Background saving started by pid {number(100,9999)}',
 lambda: f'DB saved on disk',
 lambda: f'RDB: {number(0,90)} MB of memory used by copy-on-write',
 lambda: f'Background saving terminated with success',
 lambda: f'Replica {ip()}:{number(6000,7000)} asks for synchronization',
 lambda: f'Partial resynchronization request from {ip()}:{number(6000,7000)} accepted. Sending {number(0,99999)} bytes of backlog starting from offset {number(1,99999999)}.',
 lambda: f'Connection with replica {ip()}:{number(6000,7000)} lost.',
 lambda: f'Client id={number(1,9999)} addr={ip()}:{number(1024,65000)} fd={number(5,99)} name={pick("","worker","web")} age={number(0,9999)} idle={number(0,99)} flags={pick("N","P","S")} db={number(0,3)} scheduled to be closed ASAP for overcoming of output buffer limits.',
 lambda: f'WARNING overcommit_memory is set to 0! Background save may fail under low memory condition.',
 lambda: f"MISCONF Errors writing to the AOF file: No space left on device",
])
SERVICES['haproxy']=(lambda t: f'{t:%b %d %H:%M:%S} lb-{number(1,3)} haproxy[{number(100,9999)}]: ',[
 lambda: f'{ip()}:{number(1024,65000)} [{number(1,28)}/Mar/2026:{number(10,23)}:{number(10,59)}:{number(10,59)}.{number(100,999)}] {pick("fe_http","fe_https")} be_{word()}/{host()} {number(0,99)}/{number(0,9)}/{number(0,90)}/{number(1,999)}/{number(1,1999)} {pick("200","404","503")} {number(100,99999)} - - ---- {number(1,99)}/{number(1,99)}/{number(0,9)}/{number(0,9)}/0 0/0 "{pick("GET","POST")} {path()} HTTP/1.1"',
 lambda: f'Server be_{word()}/{host()} is DOWN, reason: Layer4 timeout, check duration: {number(1,3000)}ms. {number(0,5)} active and {number(0,3)} backup servers left. {number(0,99)} sessions active, {number(0,9)} requeued, {number(0,9)} remaining in queue.',
 lambda: f'Server be_{word()}/{host()} is UP, reason: Layer7 check passed, code: 200, check duration: {number(1,300)}ms. {number(0,5)} active and {number(0,3)} backup servers online. {number(0,9)} sessions requeued, {number(0,9)} total in queue.',
 lambda: f'backend be_{word()} has no server available!',
 lambda: f'Proxy {pick("fe_http","fe_https","stats")} started.',
 lambda: f'{ip()}:{number(1024,65000)} [{number(1,28)}/Mar/2026:{number(10,23)}:{number(10,59)}:{number(10,59)}.{number(100,999)}] fe_https/1: SSL handshake failure',
])
SERVICES['mysql']=(lambda t: f'{t:%Y-%m-%dT%H:%M:%S}.{number(100000,999999)}Z {number(0,900)} [{pick("Note","Warning","ERROR","System")}] [MY-{number(10000,14000).zfill(6)}] [{pick("Server","InnoDB","Repl")}] ',[
 lambda: f"Aborted connection {number(1,99999)} to db: '{pick('shop','billing')}' user: '{user()}' host: '{ip()}' (Got timeout reading communication packets)",
 lambda: f"Access denied for user '{user()}'@'{ip()}' (using password: {pick('YES','NO')})",
 lambda: f"page_cleaner: {number(1000,9000)}ms intended loop took {number(1000,90000)}ms. The settings might not be optimal. (flushed={number(0,9000)} and evicted={number(0,900)}, during the time.)",
 lambda: f"Slave SQL thread for channel '{word()}' initialized, starting replication in log 'mysql-bin.{number(100,999999).zfill(6)}' at position {number(4,9999999)}, relay log './relay-bin.{number(1,999).zfill(6)}' position: {number(4,99999)}",
 lambda: f'Table ./{pick("shop","billing")}/{word()} is marked as crashed and should be repaired',
 lambda: f'Too many connections',
 lambda: f'Lock wait timeout exceeded; try restarting transaction',
 lambda: f'Buffer pool(s) load completed at {number(200101,260301)} {number(1,23)}:{number(10,59)}:{number(10,59)}',
])
SERVICES['rails']=(lambda t: f'{pick("I","W","E","D")}, [{t:%Y-%m-%dT%H:%M:%S}.{number(100000,999999)} #{number(1,999)}] {pick(" INFO"," WARN","ERROR","DEBUG")} -- : [{uuid()}] ',[
 lambda: f'Started {pick("GET","POST","PATCH","DELETE")} "{path()}" for {ip()} at 2026-03-{number(10,28)} {number(10,23)}:{number(10,59)}:{number(10,59)} +0000',
 lambda: f'Processing by {word().capitalize()}Controller#{pick("index","show","create","update","destroy")} as {pick("HTML","JSON","*/*")}',
 lambda: f'Completed {pick("200 OK","302 Found","404 Not Found","500 Internal Server Error")} in {number(1,900)}ms (Views: {decimal(0,90,1)}ms | ActiveRecord: {decimal(0,90,1)}ms | Allocations: {number(100,99999)})',
 lambda: f'Rendered {word()}/{pick("index","show","_form")}.html.erb within layouts/application (Duration: {decimal(0,90,1)}ms | Allocations: {number(100,9999)})',
 lambda: f'Redirected to https://{host()}{path()}',
 lambda: f'Performed {word().capitalize()}Job (Job ID: {uuid()}) from Sidekiq({pick("default","mailers","low")}) in {decimal(0,900,2)}ms',
 lambda: f"ActiveRecord::RecordNotFound (Couldn't find {word().capitalize()} with 'id'={number(1,99999)}):",
 lambda: f'Filter chain halted as :{pick("authenticate_user!","require_admin","check_tenant")} rendered or redirected',
 lambda: f'Unpermitted parameters: :{pick("role","admin","token")}, :{pick("utf8","commit","locale")}',
])
SERVICES['rabbit']=(lambda t: f'{t:%Y-%m-%d %H:%M:%S}.{number(100000,999999)}+00:00 [{pick("info","warning","error","notice")}] <0.{number(100,9999)}.{number(0,9)}> ',[
 lambda: f'accepting AMQP connection <0.{number(100,9999)}.{number(0,9)}> ({ip()}:{number(1024,65000)} -> {ip()}:5672)',
 lambda: f"connection <0.{number(100,9999)}.{number(0,9)}> ({ip()}:{number(1024,65000)} -> {ip()}:5672 - {service()}): user '{user()}' authenticated and granted access to vhost '{pick('/','shop','billing')}'",
 lambda: f'closing AMQP connection <0.{number(100,9999)}.{number(0,9)}> ({ip()}:{number(1024,65000)} -> {ip()}:5672, vhost: \'{pick("/","shop","billing")}\', user: \'{user()}\')',
 lambda: f'missed heartbeats from client, timeout: {number(10,120)}s',
 lambda: f'Memory high watermark set to {number(100,9000)} MiB ({number(100000000,9999999999)} bytes) of {number(100,9000)} MiB ({number(100000000,9999999999)} bytes) total',
 lambda: f"queue '{word()}' in vhost '{pick('/','shop','billing')}' process exited: noproc",
 lambda: f'Free disk space is insufficient. Free bytes: {number(1,99999999)}. Limit: {number(1,99999999)}',
 lambda: f'Channel error on connection <0.{number(100,9999)}.{number(0,9)}> ({ip()}:{number(1024,65000)} -> {ip()}:5672, vhost: \'shop\', user: \'{user()}\'), channel {number(1,99)}: operation basic.publish caused a channel exception not_found: no exchange \'{topic()}\' in vhost \'shop\'',
])
SERVICES['elastic']=(lambda t: f'[{t:%Y-%m-%dT%H:%M:%S},{number(100,999)}][{pick("INFO ","WARN ","ERROR")}][{pick("o.e.c.m.MetadataCreateIndexService","o.e.c.r.a.AllocationService","o.e.m.j.JvmGcMonitorService","o.e.x.i.IndexLifecycleTransition").ljust(25)}] [es-{number(1,9)}] ',[
 lambda: f'[{word()}-2026.03.{number(10,31)}] creating index, cause [{pick("auto(bulk api)","api","rollover_index")}], templates [{word()}], shards [{number(1,9)}]/[{number(0,3)}]',
 lambda: f'Cluster health status changed from [{pick("GREEN","YELLOW")}] to [{pick("YELLOW","RED")}] (reason: [node left]).',
 lambda: f'[gc][{number(1,99999)}] overhead, spent [{number(100,999)}ms] collecting in the last [{decimal(1,9,1)}s]',
 lambda: f'[gc][young][{number(1,99999)}][{number(1,999)}] duration [{number(100,999)}ms], collections [{number(1,9)}]/[{decimal(1,9,1)}s], total [{number(100,999)}ms]/[{decimal(1,90,1)}m], memory [{decimal(1,9,1)}gb]->[{decimal(1,9,1)}gb]/[{number(10,64)}gb]',
 lambda: f'moving index [{word()}-2026.03.{number(10,31)}] from [{{"phase":"hot","action":"rollover","name":"{pick("check-rollover-ready","attempt-rollover")}"}}] to [{{"phase":"warm","action":"shrink","name":"branch"}}] in policy [{word()}]',
 lambda: f'failed to execute bulk item (index) index {{[{word()}-2026.03.{number(10,31)}][_doc][{hexa(20)}]}}',
 lambda: f'low disk watermark [85%] exceeded on [{hexa(22)}][es-{number(1,9)}][/data/nodes/0] free: {decimal(1,90,1)}gb[{decimal(5,15,1)}%], replicas will not be assigned to this node',
 lambda: f'received plaintext http traffic on an https channel, closing connection Netty4HttpChannel{{localAddress=/{ip()}:9200, remoteAddress=/{ip()}:{number(1024,65000)}}}',
])
SERVICES['consul']=(lambda t: f'{t:%Y-%m-%dT%H:%M:%S}.{number(100,999)}Z [{pick("INFO","WARN","ERROR","DEBUG")}]{pick("  "," ")}{pick("agent","agent.server","agent.server.raft","agent.server.serf.lan")}: ',[
 lambda: f'Synced service: service={service()}',
 lambda: f'Synced check: check={pick("serfHealth",word()+"-ttl")}',
 lambda: f'heartbeat timeout reached, starting election: last-leader-addr={ip()}:8300 last-leader-id={uuid()}',
 lambda: f'serf: EventMemberJoin: {host()} {ip()}',
 lambda: f'serf: EventMemberFailed: {host()} {ip()}',
 lambda: f'RPC failed to server: method={pick("Catalog.NodeServices","Health.ServiceNodes","KVS.Get")} server={ip()}:8300 error="rpc error making call: No cluster leader"',
 lambda: f'Check is now critical: check={word()}-ttl',
 lambda: f'pipelining replication: peer="{{Voter {uuid()} {ip()}:8300}}"',
 lambda: f'election won: term={number(1,900)} tally={number(1,5)}',
])


def write(folder, seed, count):
    global MACHINE
    os.makedirs(folder, exist_ok=True)
    for name, (header, statements) in SERVICES.items():
        R.seed(seed * 1000 + len(name))
        MACHINE = host().split(".")[0]
        time = datetime.datetime(2026, 3, 4, 5, 6, 7)
        order = list(range(len(statements)))
        R.shuffle(order)
        weights = [1 / (1 + place) ** 0.8 for place in range(len(order))]
        at = os.path.join(folder, name)
        with open(at + ".raw", "w") as raw, open(at + ".bare", "w") as bare, open(at + ".truth", "w") as truth:
            for _ in range(count):
                time += datetime.timedelta(seconds=R.expovariate(0.5))
                statement = R.choices(order, weights)[0]
                message = statements[statement]()
                raw.write(header(time) + message + "\n")
                bare.write(message.lstrip() + "\n")
                truth.write("%d\n" % statement)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    write(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
