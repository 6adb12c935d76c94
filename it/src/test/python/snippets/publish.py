sock = socket.create_connection(("localhost", 8816))
with sock.makefile("wb") as out, pa.ipc.new_stream(out, schema.with_metadata({"bowstring.publish": "trades"})) as w:
    w.write_table(table)
