# Writes OUTPUT: the JSON file INPUT as the function that server/control/openapi.hpp declares.
file(READ ${INPUT} json)
set(text "#include \"server/control/openapi.hpp\"\n\nnamespace firn::control {\n\nstd::string_view openapi_document() {\n")
string(APPEND text "return R\"json(${json})json\";\n}\n\n}  // namespace firn::control\n")
file(WRITE ${OUTPUT} "${text}")
