# SPDX-License-Identifier: Apache-2.0
"""A real FastAPI service instrumented with OpenTelemetry Python; exports to an OTLP receiver.

env: OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4317), OTLP_PROTO=grpc|http (http default port 4318),
     ITEMS_DB (default ./items.db), APP_ENV (default dev), SQLITE_INSTRUMENT=1 adds SQLite3Instrumentor spans,
     BSP_DELAY_MS (default 1000)
"""
import logging, os, sqlite3, threading
from contextlib import asynccontextmanager
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.logging import LoggingInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

PROTO = os.environ.get("OTLP_PROTO", "grpc")
if PROTO == "http":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    exporter = OTLPSpanExporter(endpoint=os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318") + "/v1/traces")
else:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    exporter = OTLPSpanExporter(endpoint=os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"), insecure=True)

provider = TracerProvider(resource=Resource.create({
    "service.name": "items-api", "service.version": "1.0.0", "deployment.environment": os.environ.get("APP_ENV", "dev")}))
provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=int(os.environ.get("BSP_DELAY_MS", "1000"))))
trace.set_tracer_provider(provider)
LoggingInstrumentor().instrument(set_logging_format=True)
if os.environ.get("SQLITE_INSTRUMENT") == "1":
    from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
    SQLite3Instrumentor().instrument()
logging.getLogger().setLevel(logging.INFO)
log, tracer = logging.getLogger("items"), trace.get_tracer("items-api", "1.0.0")

DB = os.environ.get("ITEMS_DB", os.path.join(os.path.dirname(os.path.abspath(__file__)), "items.db"))
db, db_lock = None, threading.Lock()

@asynccontextmanager
async def lifespan(_):
    global db
    db = sqlite3.connect(DB, check_same_thread=False)
    db.execute("CREATE TABLE IF NOT EXISTS items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL NOT NULL)"); db.commit()
    yield
    db.close(); provider.shutdown()

app = FastAPI(lifespan=lifespan)

class Item(BaseModel):
    name: str
    price: float

@app.post("/api/v1/items/", status_code=201)
def create_item(item: Item):
    with tracer.start_as_current_span("validate_input") as s:
        s.set_attribute("item.name", item.name); s.set_attribute("item.price", item.price)
        if item.price < 0 or not item.name.strip():
            s.set_status(Status(StatusCode.ERROR, "invalid item")); s.add_event("validation.failed", {"field": "price" if item.price < 0 else "name"})
            raise HTTPException(422, "invalid item")
    with tracer.start_as_current_span("DB INSERT items", kind=SpanKind.CLIENT) as s:
        sql = "INSERT INTO items (name, price) VALUES (?, ?)"
        s.set_attributes({"db.system": "sqlite", "db.name": os.path.basename(DB), "db.operation": "INSERT", "db.sql.table": "items", "db.statement": sql})
        with db_lock:
            cur = db.execute(sql, (item.name, item.price)); db.commit(); item_id = cur.lastrowid
        s.set_attribute("db.rows_affected", 1)
    with tracer.start_as_current_span("log_event") as s:
        log.info("item %s created: %s", item_id, item.name)
        s.add_event("item.created", {"item.id": item_id})
    return {"id": item_id, "name": item.name, "price": item.price}

@app.get("/api/v1/items/{item_id}")
def get_item(item_id: int):
    with tracer.start_as_current_span("DB SELECT items", kind=SpanKind.CLIENT) as s:
        s.set_attributes({"db.system": "sqlite", "db.operation": "SELECT", "db.sql.table": "items"})
        with db_lock: row = db.execute("SELECT id, name, price FROM items WHERE id = ?", (item_id,)).fetchone()
    if not row: raise HTTPException(404, "no such item")
    return dict(zip(("id", "name", "price"), row))

@app.get("/api/v1/boom")
def boom():
    raise RuntimeError("deliberate failure")     # an ERROR span with an exception event

FastAPIInstrumentor.instrument_app(app)
