-- The feed tables, one a record type. Printed by `python3 proto/generate.py --sql` from
-- the sector .proto files; a test compares the two, so a change of a record type is a
-- new migration and never an edit of this file's tables.
--
-- Only the natural key is "not null": a deletion of a delta carries nothing but its
-- key. Whether a value is required is checked on every row before it is stored.
-- name_key is the folded name, kept only where it differs from name. The ingest role
-- owns the tables: COPY refuses row-level security for any role but the owner.
set role qs_ingest;

-- register.household 农户信息
create table feed.register_household (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    household_no text not null,
    area text,
    address text,
    phone text,
    category text,
    risks text[],
    identified_on date,
    eliminated_on date,
    no_labour boolean,
    relocated boolean,
    officer text,
    income_month date,
    wage bigint,
    production bigint,
    property bigint,
    transfer bigint,
    production_cost bigint,
    basic_pension bigint,
    job_cost bigint,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.register_household (county, household_no);

-- register.member 家庭成员
create table feed.register_member (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    household_no text,
    id_no text not null,
    name text,
    relation text,
    health text[],
    labour text,
    student text,
    status text,
    status_on date,
    residence text,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.register_member (county, id_no);
create index on feed.register_member (county, household_no);

-- register.village 村属性
create table feed.register_village (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    area text not null,
    kinds text[],
    central_supply boolean,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);

-- education.student 学籍名册
create table feed.education_student (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    school_code text,
    school_area text,
    guardian text,
    phone text,
    grade text,
    status text,
    status_on date,
    absent_days integer,
    boarding boolean,
    reason text,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.education_student (county, id_no);

-- education.aid 学生资助
create table feed.education_aid (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    term text not null,
    kind text not null,
    amount bigint,
    paid_on date,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.education_aid (county, id_no);

-- education.cost 就学支出
create table feed.education_cost (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    school_year text not null,
    tuition bigint,
    lodging bigint,
    books bigint,
    aid bigint,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.education_cost (county, id_no);

-- education.audit 学期学籍审核
create table feed.education_audit (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    term text not null,
    school_code text,
    returned boolean,
    audited_on date,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.education_audit (county, id_no);

-- insurance.enrolment 参保名册
create table feed.insurance_enrolment (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    insured_year integer not null,
    scheme text,
    status text,
    paid_on date,
    aid_class text,
    aid_amount bigint,
    insured_area text,
    marks text[],
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.insurance_enrolment (county, id_no);

-- insurance.settlement 医疗费用结算
create table feed.insurance_settlement (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    settlement_no text not null,
    id_no text,
    name text,
    kind text,
    admitted_on date,
    discharged_on date,
    total bigint,
    in_scope bigint,
    basic_paid bigint,
    serious_paid bigint,
    relief_paid bigint,
    other_paid bigint,
    self_in_scope bigint,
    self_total bigint,
    tilted boolean,
    reversal_of text,
    disease_class text,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.insurance_settlement (county, id_no);

-- housing.house 住房安全
create table feed.housing_house (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    house_no text not null,
    id_no text,
    name text,
    household_no text,
    area text,
    address text,
    built_year integer,
    grade text,
    graded_on date,
    only_home boolean,
    occupied boolean,
    visited_on date,
    hazards text[],
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.housing_house (county, id_no);
create index on feed.housing_house (county, household_no);

-- housing.renovation 危房改造
create table feed.housing_renovation (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    project_no text not null,
    house_no text,
    plan_year integer,
    kind text,
    started_on date,
    finished_on date,
    moved_in_on date,
    cancelled boolean,
    subsidy bigint,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);

-- water.household 农户饮水
create table feed.water_household (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    account_no text not null,
    household_no text,
    id_no text,
    name text,
    phone text,
    address text,
    area text,
    supply text,
    works_no text,
    litres numeric,
    trip_minutes integer,
    distance_m integer,
    outage_days integer,
    outage_days_year integer,
    quality text,
    tested_on date,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.water_household (county, id_no);
create index on feed.water_household (county, household_no);

-- water.works 供水工程运行
create table feed.water_works (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    works_no text not null,
    areas text[],
    households integer,
    outage_from date,
    outage_to date,
    planned boolean,
    failed_items text[],
    retested_ok boolean,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);

-- water.complaint 供水投诉
create table feed.water_complaint (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    complaint_no text not null,
    area text,
    received_on date,
    closed_on date,
    kind text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);

-- civil.dibao 低保名册
create table feed.civil_dibao (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    dibao_no text,
    class text,
    monthly bigint,
    started_on date,
    ended_on date,
    ineligible_on date,
    end_reason text,
    single boolean,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.civil_dibao (county, id_no);

-- civil.destitute 特困人员
create table feed.civil_destitute (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    support text,
    ability text,
    started_on date,
    ended_on date,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.civil_destitute (county, id_no);

-- civil.edge 低保边缘与刚性支出困难
create table feed.civil_edge (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    kind text,
    started_on date,
    ended_on date,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.civil_edge (county, id_no);

-- civil.relief 临时救助
create table feed.civil_relief (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    relief_no text not null,
    id_no text,
    name text,
    amount bigint,
    reason text,
    granted_on date,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.civil_relief (county, id_no);

-- civil.disability 残疾人
create table feed.civil_disability (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    id_no text not null,
    name text,
    kind text,
    grade text,
    name_key text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);
create index on feed.civil_disability (county, id_no);

-- civil.standard 农村低保标准
create table feed.civil_standard (
    county integer not null,
    submission integer not null,
    row_no integer not null,
    removed boolean not null,
    area text not null,
    monthly bigint,
    effective_from date not null,
    document text,
    primary key (county, submission, row_no),
    check (county between 110000 and 829999)
);

reset role;
